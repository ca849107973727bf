"""Lesson 2, *Five or not five*: the parts that no other lesson shows."""
