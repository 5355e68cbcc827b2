"""Who may come in: credentials of integrations, logins and tokens of people."""
