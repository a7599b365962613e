"""Whether today's API still does what the last released one promised, and whether the changelog names what is new."""
