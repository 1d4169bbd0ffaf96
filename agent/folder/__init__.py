"""An audit's folder: its name, who holds it, its event log, and files that are whole or not there."""
