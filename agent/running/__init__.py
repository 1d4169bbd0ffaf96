"""Running an audit: begun in its folder, stopped, resumed, watched, traced, and what it is expected to cost."""
