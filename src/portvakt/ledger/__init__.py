"""What happened: events, their seal, and how it is verified."""
