"""Rolling up: what happened becomes figures, in portions."""
