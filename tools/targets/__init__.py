"""One file per kind of target, each hiding one vendor behind the ports."""
