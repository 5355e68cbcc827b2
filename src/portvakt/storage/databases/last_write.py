"""Remembers for a while that writes fail, so that `/health/ready` can say so."""

from __future__ import annotations

from time import monotonic

from portvakt.errors import DatabaseUnavailable

_KEPT_SECONDS = 30.0
"""After that somebody has to try again: without requests nothing would ever be written."""


class LastWrite:
    """Whether the last write failed for a cause that doesn't pass by itself."""

    def __init__(self) -> None:
        self._failure: DatabaseUnavailable | None = None
        self._until = 0.0

    def failed(self, error: BaseException) -> None:
        """A write ended with an error, of whatever kind."""
        if isinstance(error, DatabaseUnavailable) and not error.cause.passes:
            self._failure = DatabaseUnavailable(str(error), error.cause)
            self._until = monotonic() + _KEPT_SECONDS

    def succeeded(self) -> None:
        """A write was committed."""
        self._failure = None

    def check(self) -> None:
        """Raises `DatabaseUnavailable` with the cause for which the last write failed."""
        if self._failure is not None and monotonic() < self._until:
            raise DatabaseUnavailable(str(self._failure), self._failure.cause)
