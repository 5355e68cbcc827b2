"""The tables that the declarations make, and their rows: values in and out."""
