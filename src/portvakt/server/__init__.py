"""The HTTP server around the application: its processes, protocol and connections."""
