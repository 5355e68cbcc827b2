"""By what the adapter of PostgreSQL knows statements and indexes for parts of texts."""

TRIGRAM_PREFIX = "tx_"
"""What the names of indexes of trigrams begin with (`storage.statements.trigrams`)."""

PLANNED_ANEW = "/* planned anew */ "
"""How the text of a statement begins that is planned for its values each time.

How many rows have a part of a text differs so much that no plan is right for all.
"""
