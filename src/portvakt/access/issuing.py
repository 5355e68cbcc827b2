"""Hands out credentials: the secret is shown once, its digest stored."""

from __future__ import annotations

import hmac
from collections.abc import Callable

from portvakt.access.credentials import Keys, new_secret
from portvakt.schema.scope import UNBOUNDED, Scope
from portvakt.storage.database import Connection
from portvakt.storage.rows import new_row
from portvakt.storage.store import Store

RESOURCE = "platform.credential"


async def issue(
    store: Store,
    connection: Connection,
    keys: Keys,
    scope: Scope,
    *,
    now: str,
    new_id: Callable[[], str],
    expires_at: str | None = None,
) -> str:
    """Store a new credential of the scope's activation and return its secret."""
    secret = new_secret()
    clean = {
        "id": new_id(),
        "integration": scope.activation,
        "digest": keys.digest(secret),
        "key_number": keys.newest,
        "expires_at": expires_at,
        "revoked_at": None,
        "last_used_at": None,
        "created_at": now,
    }
    resource = store.registry.resources[RESOURCE]
    row = new_row(resource, scope.customer, clean, now=now, revision=1)
    await store.insert(connection, resource, [row])
    return secret


async def is_live(
    store: Store, connection: Connection, keys: Keys, scope: Scope, secret: str, *, now: str
) -> bool:
    """Whether the secret is one of the activation's credentials that may be used now."""
    resource = store.registry.resources[RESOURCE]
    statement = store.statements.matching(resource, ("integration",), UNBOUNDED)
    named = store.statements.given_values(resource, ("integration",), [(scope.activation,)])
    rows = await connection.fetch(statement.text, store.values(statement, scope, now, named))
    live = False
    for stored in map(store.rows(resource).clean, rows):
        digest = keys.digest(secret, stored["key_number"])
        usable = stored["revoked_at"] is None and (stored["expires_at"] or "9") > now
        live |= usable and hmac.compare_digest(digest, stored["digest"])
    return live
