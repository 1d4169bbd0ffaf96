"""Pictures: painted once and kept, who looks at them, and how often who looks is wrong."""
