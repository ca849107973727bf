"""Neural networks in NumPy: activations, losses, forward and backward passes, optimizer steps.

What pages show is computed here from plain arrays, and tests hold it against Keras. No training
loop (`nncore.training`), no data sets.
"""
