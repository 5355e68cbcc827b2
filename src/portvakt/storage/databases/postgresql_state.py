"""Whether a PostgreSQL that answers can serve: takes writes, and holds any character."""

from __future__ import annotations

from portvakt.errors import Cause, DatabaseUnavailable
from portvakt.storage.databases.interface import Row

STATE = """
    SELECT pg_is_in_recovery(), current_setting('transaction_read_only')::boolean,
        current_setting('server_encoding')"""
"""What `check` looks at."""


def check(state: Row, shown: str) -> None:
    """Raises `DatabaseUnavailable` with the mend; `shown`: how the database is called."""
    standby, read_only, encoding = state
    if standby:
        raise DatabaseUnavailable(f"{shown} is a standby: name the primary", Cause.read_only)
    if read_only:
        where = "default_transaction_read_only is on, for the server, the database or the role"
        raise DatabaseUnavailable(f"{shown}: {where}", Cause.read_only)
    if encoding != "UTF8":
        mend = "CREATE DATABASE ... ENCODING 'UTF8' TEMPLATE template0, and move what is in it"
        told = f"{shown} is in {encoding}, and has to be in UTF8: {mend}"
        raise DatabaseUnavailable(told, Cause.wrong_encoding)
