"""All statements on the resources of a registry, for one database's dialect."""

from __future__ import annotations

from dataclasses import dataclass

from portvakt.storage.sql.dialects import Dialect
from portvakt.storage.sql.tables import Tables
from portvakt.storage.statements.cache import StatementCache
from portvakt.storage.statements.credentials import CredentialStatements
from portvakt.storage.statements.decisions import DecisionStatements
from portvakt.storage.statements.past_decisions import PastDecisionStatements
from portvakt.storage.statements.rows import RowStatements
from portvakt.storage.statements.versions import VersionStatements
from portvakt.storage.statements.writes import WriteStatements


@dataclass(frozen=True, slots=True)
class Statements:
    """The statements, by what they are on; one cache keeps them all."""

    rows: RowStatements
    writes: WriteStatements
    versions: VersionStatements
    decisions: DecisionStatements
    past_decisions: PastDecisionStatements
    credentials: CredentialStatements


def statements_of(tables: Tables, dialect: Dialect) -> Statements:
    """The statements on these tables."""
    once = StatementCache(dialect).once
    return Statements(
        RowStatements(tables, dialect, once),
        WriteStatements(tables, dialect, once),
        VersionStatements(tables, dialect, once),
        DecisionStatements(tables, dialect, once),
        PastDecisionStatements(tables, dialect, once),
        CredentialStatements(tables, dialect, once),
    )
