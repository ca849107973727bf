"""The Neural Network Lab: page set-up and navigation, nothing else."""

from ui import frame

frame.open_lab().run()
frame.sidebar()
