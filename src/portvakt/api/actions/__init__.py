"""What can be done with a resource besides the six operations, over HTTP."""
