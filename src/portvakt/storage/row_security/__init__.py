"""Which rows a caller reaches, and what it sees of each: part of every statement."""
