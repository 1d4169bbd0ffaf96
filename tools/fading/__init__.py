"""Changing a model's weights: the training itself, what it is kept near to, and where it stands when it is stopped."""
