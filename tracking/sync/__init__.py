"""A batch of events from a client that was offline: judged one by one, read and written together."""
