"""training: the levels of kind training, section by section, and their results in right answers."""
