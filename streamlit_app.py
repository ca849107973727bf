"""The Neural Network Lab: page set-up and navigation, nothing else."""

from ui.core import navigation

page, row = navigation.begin()

from ui import app  # noqa: E402 - the title is on its way while all this is imported

app.run(page, row)
