"""Action spaces: the ways to change an input, one file for each kind of input."""
