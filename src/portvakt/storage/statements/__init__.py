"""SQL text, made once for each shape of what is asked."""
