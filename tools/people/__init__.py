"""Asking people: the review page, the same at the terminal, and how well raters agree."""
