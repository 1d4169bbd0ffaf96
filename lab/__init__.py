"""The proving ground: a procedural world whose truth is known, and small real models trained on it."""
