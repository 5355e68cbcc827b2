"""What is decided, now or at a past moment, and the receipts of answers."""
