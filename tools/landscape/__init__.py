"""The landscape: measured failure rates over all actions, its shape, and the regions in which a target fails."""
