"""The Neural Network Lab: page set-up and navigation, nothing else."""

from ui import heading

page, row = heading.begin()

from ui import frame  # noqa: E402 - the title is on its way while all this is imported

frame.run(page, row)
