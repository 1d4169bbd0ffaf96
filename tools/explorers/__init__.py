"""Explorers: which action to try on which input next, so that failures are found with few queries."""
