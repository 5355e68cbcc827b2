"""What a write is held against in the database: each looks at all items at once."""
