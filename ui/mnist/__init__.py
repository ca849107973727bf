"""What only lesson 3, *Handwritten digits*, shows."""
