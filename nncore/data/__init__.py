"""Data sets: where they come from, how they are split, how they are downloaded.

No network, no training, and nothing that a learner draws (`nncore.digits`).
"""
