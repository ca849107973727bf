"""The Neural Network Lab: page set-up and navigation, nothing else."""

from ui import frame

frame.run()
