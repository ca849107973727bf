"""What only lesson 5, *Teach it your own*, shows."""
