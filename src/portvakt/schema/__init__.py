"""What a resource is: frozen values and pure functions. No I/O, and nothing that knows SQL or HTTP."""
