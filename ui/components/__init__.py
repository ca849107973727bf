"""Custom browser components, each with its Python, JavaScript and CSS side by side.

A component knows nothing of lessons; it draws what it is given and says what was clicked.
"""
