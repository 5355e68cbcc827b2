"""Statements: SQL text made once per shape, run with each request's values.

What was asked has a shape (which filters with which operators, which order, ...) and values. The
shape decides the text, which SQLAlchemy compiles once and `StatementCache` keeps; the values are
bound anew each time. Rows come in and go out as clean values (`schema.values`).
"""

from __future__ import annotations

from collections.abc import Callable, Hashable

import sqlalchemy as sa

from portvakt.storage.sql.dialects import TYPES, Dialect
from portvakt.storage.statements import trigrams
from portvakt.storage.statements.statement import Statement

_KEPT = 2048
"""How many shapes are kept. Callers choose shapes, so that there must be an end."""

Once = Callable[[Hashable, Callable[[], sa.Executable]], Statement]
"""`StatementCache.once`, which those that make statements are given."""


class StatementCache:
    """The compiled statements of one database, by their shapes."""

    def __init__(self, dialect: Dialect) -> None:
        self._dialect = dialect
        self._kept: dict[Hashable, Statement] = {}
        self._binds = {id(TYPES[kind]): convert for kind, convert in dialect.bind.items()}

    def once(self, shape: Hashable, build: Callable[[], sa.Executable]) -> Statement:
        """The statement of this shape, built and compiled when first asked for."""
        statement = self._kept.get(shape)
        if statement is None:
            if len(self._kept) >= _KEPT:
                self._kept.pop(next(iter(self._kept)))
            statement = self._kept[shape] = self._compile(build())
        return statement

    def _compile(self, built: sa.Executable) -> Statement:
        compiled = built.compile(dialect=self._dialect.core)  # type: ignore[attr-defined]
        parameters = tuple(
            (
                name,
                self._binds.get(id(compiled.binds[name].type)),
                compiled.binds[name].effective_value,
            )
            for name in compiled.positiontup or ()
        )
        text = trigrams.marked(str(compiled), compiled.binds)
        return Statement(text, parameters)
