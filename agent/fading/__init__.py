"""Fading: a proven failure is trained away, within a guard, and that it is gone is proven."""
