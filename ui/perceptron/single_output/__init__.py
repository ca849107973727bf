"""Lesson 2 with one output: five or not five, read at a threshold."""
