"""People's part: the desk where they work on an audit, what a review leaves, what they overturned."""
