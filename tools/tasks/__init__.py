"""Tasks: inputs whose truth is known, a target, and how badly an answer misses the truth."""
