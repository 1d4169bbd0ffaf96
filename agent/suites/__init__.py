"""Suites, asked again: checked, compared across models, handed to other tools."""
