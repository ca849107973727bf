"""Running experiments: workers, the runner that shares them, the store of finished runs.

How a slice is computed is `nncore.training`'s business; nothing here knows a page.
"""
