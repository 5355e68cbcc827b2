"""How it is asked: the HTTP interface, and the documents that describe it."""
