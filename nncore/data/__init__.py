"""Data sets: where they come from, how they are split, how they are downloaded.

Nothing here knows networks or training; digits that a learner draws are in `nncore.digits`.
"""
