"""The statements on the ledger's own tables, which belong to no resource."""
