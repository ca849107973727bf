"""The parts of the page *Runs*: the table of runs, and the comparison of chosen ones."""
