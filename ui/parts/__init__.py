"""What is long on a lesson's page: the pieces that belong to that page alone."""
