"""ACTS: what the agent can do to the world: targets, corpora, neighbours, edits, judges."""
