"""Items from files: read line by line, written in bulk, and reported by line."""
