"""From an integration's seven headers, or a person's token, to a `Caller`.

The headers are in docs/reference/interface.md#credentials. The first request of a caller looks its
activation up and verifies the secret. The verified caller is kept, under a digest of all its
claims, and every statement re-checks it in the database (`credential_checks.credential_holds`); so
keeping it can't outlive a revocation (decision record 7).
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import secrets
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import structlog

from portvakt import logs
from portvakt.access import addresses, tokens
from portvakt.access.addresses import Origin
from portvakt.access.credentials import Keys
from portvakt.access.headers import (
    HEADERS,
    NAMING,
    SECRET,
    TOKEN,
    Claims,
    read_claims,
    refused,
    unauthorized,
)
from portvakt.access.refusals import Refusals
from portvakt.errors import PortvaktError
from portvakt.schema.caller import Caller, Recheck
from portvakt.schema.decision import ConsentTerms
from portvakt.schema.known import CREDENTIALS, TOKENS
from portvakt.schema.operators import Kind
from portvakt.schema.registry import content_type_id
from portvakt.schema.values import NO_ID, is_uuid, parse_moment, render_time
from portvakt.storage.store import Store

_CLAIMS = (*HEADERS, TOKEN)
_KEPT = 10_000
"""How many callers are kept. Of more the oldest are verified anew, which costs a statement."""
_TOUCH_EVERY = timedelta(minutes=1)
"""The last use is a write: a busy credential's is told to the minute (decision record 7)."""
_log = structlog.get_logger(__name__)

__all__ = ["HEADERS", "Authenticator", "Claims", "read_claims", "unauthorized"]


class Authenticator:
    """Turns claims into callers, for one store."""

    def __init__(self, store: Store, keys: Keys) -> None:
        self.keys = keys
        self.refusals = Refusals(store)
        self._store = store
        self._kept: dict[bytes, Caller] = {}
        self._own_key = secrets.token_bytes(32)
        self._touched: dict[str, str] = {}  # by credential: when its use is written again
        self._tasks: set[asyncio.Task[None]] = set()

    def _handle(self, claims: Claims) -> bytes:
        joined = "\0".join([claims.get(claim, "") for claim in _CLAIMS]).encode()
        return hashlib.blake2b(joined, key=self._own_key, digest_size=32).digest()

    async def caller(
        self,
        claims: Claims,
        now: str,
        origin: Origin,
        *,
        platform: bool = False,
        fresh: bool = False,
    ) -> Caller:
        """The caller that claims name. Raises `Problem` (unauthorized), `DatabaseUnavailable`.

        `origin`: where the request comes from; the service version may allow only some addresses.
        `platform`: for a resource of the platform, where an operator needs no customer.
        `fresh` verifies again instead of using what was kept.
        """
        if TOKEN in claims:
            claims = tokens.claims_for(claims, platform=platform)
        handle = self._handle(claims)
        caller = None if fresh else self._kept.get(handle)
        # What was kept may be older than the addresses that count now: refuse by fresh ones only.
        if caller is None or not origin.within(caller.networks):
            self._kept.pop(handle, None)
            verify = self._verify_token if TOKEN in claims else self._verify
            caller = await verify(claims, now)
            if len(self._kept) >= _KEPT:
                self._kept.pop(next(iter(self._kept)))
            self._kept[handle] = caller
            if not origin.within(caller.networks):
                raise refused("the address isn't registered")
        self._note_use(caller, now)
        return caller

    async def _verify(self, claims: Claims, now: str) -> Caller:
        statement = self._store.statements.credentials.claims()
        named = {name: _claimed(name, claims[name]) for name in NAMING}
        values = statement.values({**named, "now": now, "true": True})
        rows = await self._store.database.fetch(statement.text, values)
        proven = self._matching(claims[SECRET], rows)
        if proven is None:
            raise refused("another secret" if rows else "no live credential with these claims")
        return Caller(
            customer=named["customer"],
            application=named["application"],
            service=named["service"],
            service_version=named["service_version"],
            activation=str(proven[4]),
            activation_revision=proven[5],
            level=self._store.registry.content_types.get(named["content_type"], ""),
            object=named["object"],
            rights=self._rights(proven[6]),
            networks=self._networks(proven[7]),
            connected=bool(proven[8]),
            consent_terms=ConsentTerms(active=True, requires=bool(proven[9]), mode=proven[10]),
            credential=str(proven[0]),
            credential_revision=proven[1],
            recheck=Recheck.credential,
        )

    async def _verify_token(self, claims: Claims, now: str) -> Caller:
        customer = claims.get("customer", "")
        asked = _claimed("customer", customer) if customer else ""
        caller = await tokens.verify(self._store, self.keys, claims[TOKEN], asked, now)
        if caller is None:
            raise refused("no live token with these claims")
        return caller

    def _rights(self, allowed_access: str) -> dict[str, frozenset[str]]:
        """The column `allowed_access` as a caller holds it."""
        load = self._store.dialect.load[Kind.object]
        return {name: frozenset(rights) for name, rights in load(allowed_access).items()}

    def _networks(self, registered: Any) -> tuple[addresses.Network, ...] | None:
        """The column `registered_ip_addresses` as a caller holds it."""
        load = self._store.dialect.load[Kind.texts]
        return None if registered is None else addresses.parse_networks(load(registered))

    def _matching(self, secret: str, rows: Sequence[Sequence[Any]]) -> Sequence[Any] | None:
        """The credential whose digest is the secret's.

        All are compared, and a digest is made and compared even where there is none, so that
        time does not tell what was wrong.
        """
        digests = {number: self.keys.digest(secret, number) for number in self.keys.by_number}
        proven = None
        for row in rows or [(None, None, "0" * 64, self.keys.newest)]:
            digest = digests.get(row[3], "")
            if hmac.compare_digest(digest, row[2]) and row[0] is not None:
                proven = row
        return proven

    def _note_use(self, caller: Caller, now: str) -> None:
        """Write the credential's last use, at most once a minute, beside the request."""
        if now < self._touched.get(caller.credential, ""):
            return
        if len(self._touched) >= _KEPT:
            self._touched.clear()
        self._touched[caller.credential] = render_time(parse_moment(now) + _TOUCH_EVERY)
        task = asyncio.create_task(self._touch(caller, now))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _touch(self, caller: Caller, now: str) -> None:
        name = TOKENS if caller.recheck is Recheck.token else CREDENTIALS
        resource = self._store.registry.resources[name]
        statement = self._store.statements.writes.touch(resource, "last_used_at")
        before = render_time(parse_moment(now) - _TOUCH_EVERY)
        named = {"id": caller.credential, "before": before}
        values = self._store.values(statement, caller, now, named)
        try:
            async with self._store.database.transaction() as connection:
                await connection.execute(statement.text, values)
        except PortvaktError as error:
            _log.warning("last use not written", **logs.failure(error))

    async def close(self) -> None:
        """Wait for the last uses and the refusals that are still being written."""
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.refusals.close()


def _claimed(name: str, value: str) -> str:
    """A claim as a clean UUID; one that can't be right becomes that of nobody."""
    if name == "content_type" and "." in value:
        value = content_type_id(value.lower())
    return value.lower() if is_uuid(value) else NO_ID
