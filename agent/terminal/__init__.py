"""The terminal: data on stdout, progress on stderr, stopping in order."""
