"""What is written: one path for one item and for many."""
