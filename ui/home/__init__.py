"""The parts of the start page: the cards of the lessons, and the data."""
