"""The commands of the command line; `cli.py` joins them."""
