"""The parts of the start page: the tour, the cards of the lessons, and the data."""
