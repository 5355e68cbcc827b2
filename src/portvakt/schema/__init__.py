"""What a resource is: frozen values and pure functions. Nothing here does I/O or knows SQL."""
