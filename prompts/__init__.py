"""SAYS: one Markdown file per prompt, rendered strictly."""
