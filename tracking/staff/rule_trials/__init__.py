"""Trying rules on what learners did: a job prices their results by two rule sets, and keeps the differences."""
