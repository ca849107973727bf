"""What only lesson 4, *Your handwriting*, shows."""
