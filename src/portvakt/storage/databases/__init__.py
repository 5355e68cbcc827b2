"""What a database can do, and the two that can: knows nothing of resources."""
