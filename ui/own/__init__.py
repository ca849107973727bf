"""What only lesson 5 shows: the learner's own classes, their drawings, and what learns them."""
