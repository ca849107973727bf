"""What teachers write, read from `lessons/`: texts, presets, questions, stages, and their checks.

Nothing here draws; `ui.workbench` does.
"""
