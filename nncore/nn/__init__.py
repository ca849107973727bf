"""Neural networks in NumPy: activations, losses, forward and backward passes, optimizer steps.

Pages compute what they show with these, from plain arrays; tests compare them with Keras. The
training loop is in `nncore.training`, data sets in `nncore.data`.
"""
