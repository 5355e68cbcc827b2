"""What a person may ask for: everything that is held, and to be erased."""
