"""What an operation is given besides what it is asked: who asks, when, and on which store."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from portvakt.errors import Code, PortvaktError, Problem
from portvakt.operations.idempotency import IdempotentWrite
from portvakt.operations.lock_order import Turn
from portvakt.schema.caller import Caller, Recheck, RowAccess
from portvakt.schema.resource import Resource
from portvakt.storage.databases.interface import Connection, Row
from portvakt.storage.statements.statement import Statement
from portvakt.storage.store import Store


class RecheckFailed(PortvaktError):
    """The caller's credential or activation is no longer what it was when it was verified."""


def no_item(resource: Resource) -> Problem:
    """The one answer to an id that is none, that nothing has, or that is out of reach (1)."""
    return Problem(Code.not_found, f"There is no {resource.title} with this id.")


@dataclass(frozen=True, slots=True)
class Context:
    """One request's surroundings. Time and ids come in here, so that operations stay repeatable.

    - `now`: the request's time, as clean text.
    - `new_id`: gives the ids of new items; later ids sort after earlier ones.
    - `through`, `request`: the way in (`api`, `console`, `cli`, `import`) and the request's id,
      for the ledger.
    - `rechecked`: whether statements re-check the caller's credential (false only for our own work,
      such as seeding, where no credential is involved).
    - `idempotent`: how a write that may be asked for again is done once (`idempotent_writes`).
    - `within`: the transaction in which everything is done (`write.together`); None: each
      operation has its own.
    - `turn`: a long write's turn to lock its pairs (`operations.writing.sequence`).
    """

    store: Store
    caller: Caller
    now: str
    new_id: Callable[[], str]
    rechecked: bool = True
    through: str = "cli"
    request: str = ""
    within: Connection | None = None
    idempotent: IdempotentWrite | None = None
    turn: Turn | None = None

    def bind(self, statement: Statement, named: Mapping[str, Any] | None = None) -> list[Any]:
        """The values to run a statement with."""
        return self.store.values(statement, self.caller, self.now, named or {})

    async def fetch(
        self,
        connection: Connection | None,
        statement: Statement,
        named: Mapping[str, Any] | None = None,
    ) -> list[Row]:
        """The rows that a statement finds; without a connection outside any transaction."""
        fetch = (connection or self.store.database).fetch
        return await fetch(statement.text, self.bind(statement, named))

    def access(self, resource: Resource) -> RowAccess:
        """The access of a statement that re-checks the credential by itself."""
        return self.caller.access(resource, rechecked=self.rechecked)

    def after(self, *moments: str) -> Context:
        """This context, its time no earlier than these: what follows something has no earlier time.

        A request's time is taken before it waits for who was first, and by the process' own clock.
        """
        last = max(moments, default="")
        return replace(self, now=last) if last > self.now else self

    async def lock_customer(self, connection: Connection) -> None:
        """Let no other transaction of this customer pass here until this one ends."""
        statement = self.store.statements.credentials.lock_customer()
        await self.fetch(connection, statement)

    def claim(self, resource: Resource) -> dict[str, Any]:
        """The fields that the server sets from the caller; people have nothing to set them from."""
        rule, value = resource.of_application, self.caller.application
        return {rule.field: value} if rule and value else {}

    async def recheck_credential(self, connection: Connection | None = None) -> None:
        """Raise `RecheckFailed` if the credential no longer holds."""
        if not self.rechecked or self.caller.recheck is Recheck.none:
            return
        statement = self.store.statements.credentials.recheck(self.caller.recheck)
        if not await self.fetch(connection, statement):
            raise RecheckFailed
