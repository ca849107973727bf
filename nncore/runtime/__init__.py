"""Running experiments: workers, the scheduler that shares them, the store of finished runs.

How a slice is computed belongs to `nncore.training`; nothing here knows a page.
"""
