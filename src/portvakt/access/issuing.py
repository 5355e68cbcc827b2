"""Makes and finds credentials: the secret is shown once, its digest stored."""

from __future__ import annotations

import hmac
from typing import Any

from portvakt.access.credentials import Keys, new_secret
from portvakt.access.tokens import is_live as is_usable
from portvakt.schema.caller import UNBOUNDED, Caller
from portvakt.schema.known import CREDENTIALS
from portvakt.storage.databases.interface import Connection
from portvakt.storage.statements.columns import field_names
from portvakt.storage.store import Store


def new_credential(
    keys: Keys, integration: str, *, now: str, pk: str, expires_at: str | None
) -> tuple[dict[str, Any], str]:
    """A new credential of an activation: its clean item, and its secret."""
    secret = new_secret()
    clean = {
        "id": pk,
        "integration": integration,
        "digest": keys.digest(secret),
        "key_number": keys.newest,
        "expires_at": expires_at,
        "revoked_at": None,
        "last_used_at": None,
        "created_at": now,
    }
    return clean, secret


async def of_activation(
    store: Store, connection: Connection, caller: Caller, integration: str, *, now: str
) -> list[dict[str, Any]]:
    """All credentials of an activation, with their internal fields, in no order."""
    resource = store.registry.resources[CREDENTIALS]
    statement = store.statements.rows.select_by_key(resource, ("integration",), UNBOUNDED)
    named = store.statements.rows.given_values(resource, ("integration",), [(integration,)])
    rows = await connection.fetch(statement.text, store.values(statement, caller, now, named))
    return list(map(store.rows(resource, field_names(resource)).clean, rows))


async def is_live(
    store: Store, connection: Connection, keys: Keys, caller: Caller, secret: str, *, now: str
) -> bool:
    """Whether the secret is one of the activation's credentials that may be used now."""
    live = False
    for stored in await of_activation(store, connection, caller, caller.activation, now=now):
        digest = keys.digest(secret, stored["key_number"])
        live |= is_usable(stored, now) and hmac.compare_digest(digest, stored["digest"])
    return live
