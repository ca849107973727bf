"""The parts of the page *Class*: starting a class, and the teacher's board."""
