"""The workbench that all lessons share: settings, run controls, live pictures, predictions.

What only one lesson shows is in that lesson's folder.
"""
