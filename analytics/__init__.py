"""Figures about all learners: rolled up from what happened into small tables, and shown to staff as charts."""
