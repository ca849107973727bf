"""An experiment as something to take home: a plain Keras program, or a notebook of it."""
