"""Tools to look into a run, shared by several lessons: film, diagnosis, microscope."""
