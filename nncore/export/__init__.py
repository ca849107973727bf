"""Export an experiment: as a plain Keras program, or as a notebook of that program."""
