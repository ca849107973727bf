"""What only lesson 2, *Five or not five*, shows."""
