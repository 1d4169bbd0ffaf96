"""The map of an audit that explores: where it has looked, what that brought, and where to go next."""
