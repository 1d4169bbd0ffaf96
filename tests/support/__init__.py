"""What several tests share: a chat server that answers like a model."""
