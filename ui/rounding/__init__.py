"""What only lesson 1, *Round a number*, shows."""
