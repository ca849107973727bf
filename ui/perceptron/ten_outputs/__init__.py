"""Lesson 2 with ten outputs: one for each digit, and the largest is the prediction."""
