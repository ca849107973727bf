"""Lesson 1, *Round a number*: the parts that no other lesson shows."""
