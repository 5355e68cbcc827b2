"""Who asks: credentials, and what the caller may touch."""
