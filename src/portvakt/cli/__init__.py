"""The command line: `portvakt`, for those who run a server."""
