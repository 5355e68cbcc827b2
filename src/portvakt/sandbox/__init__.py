"""A server with invented data, ready to be tried: its items, its callers, its start."""
