"""Logs why credentials were refused. The caller isn't told: each gets the same answer.

Which claim is wrong is looked up beside the request, and in the same way whatever it is: so neither
the answer nor its time tells.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

import structlog

from portvakt import logs
from portvakt.access.addresses import Origin
from portvakt.access.headers import NAMING, Claims, peek
from portvakt.errors import PortvaktError, Problem
from portvakt.schema.caller import UNBOUNDED
from portvakt.schema.known import APPLICATIONS, CUSTOMERS, SERVICE_VERSIONS, SERVICES
from portvakt.schema.values import is_uuid
from portvakt.storage.store import Store

_KNOWN: Mapping[str, str] = {
    "customer": CUSTOMERS,
    "application": APPLICATIONS,
    "service": SERVICES,
    "service_version": SERVICE_VERSIONS,
}
_AT_ONCE = 4  # who tries secrets mustn't keep the database busy with what is only for the log
_log = structlog.get_logger(__name__)


class Refusals:
    """Logs refusals, for one store."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._tasks: set[asyncio.Task[None]] = set()

    def note(self, problem: Problem, origin: Origin, request_id: str) -> None:
        """Log one refusal, soon: from where, what was claimed but the secret, and what is wrong."""
        claims = peek(origin.headers)
        told: dict[str, object] = {
            "request_id": request_id,
            "address": str(origin.address or "unknown"),
            "reason": problem.why,
            "claims": self._shown(claims),
        }
        if len(self._tasks) >= _AT_ONCE or not claims.keys() >= _KNOWN.keys():
            _log.warning("refused", **told)
            return
        task = asyncio.create_task(self._tell(claims, told))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def close(self) -> None:
        """Wait for what is still being looked up."""
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _shown(self, claims: Claims) -> dict[str, str]:
        """The claims as they may be logged: who mixes headers up may have put a secret anywhere."""
        return {
            name: value.lower() if is_uuid(value) or self._names_type(name, value) else "unreadable"
            for name, value in claims.items()
            if name in NAMING
        }

    def _names_type(self, name: str, value: str) -> bool:
        return name == "content_type" and value in self._store.registry.content_types.values()

    async def _tell(self, claims: Claims, told: dict[str, object]) -> None:
        try:
            unknown = [name for name in _KNOWN if not await self._is_known(name, claims[name])]
        except PortvaktError as error:
            _log.warning("refused", **{**logs.failure(error), **told})
        else:
            _log.warning("refused", **told, unknown=unknown)

    async def _is_known(self, name: str, value: str) -> bool:
        """Whether there is such a customer, application ..., whoever asks."""
        store = self._store
        resource = store.registry.resources[_KNOWN[name]]
        statement = store.statements.rows.existing(resource, UNBOUNDED)
        ids = [value.lower()] if is_uuid(value) else []
        bound = store.dialect.bind_list(resource.by_name["id"].kind, ids)
        return bool(await store.database.fetch(statement.text, statement.values({"ids": bound})))
