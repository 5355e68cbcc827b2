"""Statements on who asks: a credential or token, and the customer that it is of."""

from __future__ import annotations

from dataclasses import dataclass

from portvakt.schema.caller import Recheck
from portvakt.storage.row_security import credential_checks
from portvakt.storage.sql.dialects import Dialect
from portvakt.storage.sql.tables import Tables
from portvakt.storage.statements.cache import Once
from portvakt.storage.statements.statement import Statement


@dataclass(frozen=True, slots=True)
class CredentialStatements:
    """What finds who asks, and checks them again."""

    tables: Tables
    dialect: Dialect
    once: Once

    def claims(self) -> Statement:
        """The live credentials of the activation that six claims name."""
        return self.once("credentials.claims", lambda: credential_checks.claims(self.tables))

    def tokens(self) -> Statement:
        """The usable token that has one of some digests (see `credential_checks.tokens`)."""
        return self.once(
            "credentials.tokens", lambda: credential_checks.tokens(self.tables, self.dialect)
        )

    def recheck(self, recheck: Recheck) -> Statement:
        """One row if the caller's credential or token still holds."""
        return self.once(
            ("credentials.recheck", recheck),
            lambda: credential_checks.recheck(self.tables, recheck),
        )

    def lock_customer(self) -> Statement:
        """The caller's customer, locked until the end; inserts of what refers to it go on."""
        return self.once(
            "credentials.lock_customer",
            lambda: credential_checks.customer(self.tables).with_for_update(key_share=True),
        )
