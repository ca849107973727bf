"""The parts of the page *Sweep*: what to vary, the runs under way, and their results."""
