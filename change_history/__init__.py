"""Who changed what, when, and what it was before: the history of rows that staff edit."""
