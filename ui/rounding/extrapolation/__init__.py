"""Lesson 1's tool *Outside the data*: predictions for numbers that no training number is near."""
