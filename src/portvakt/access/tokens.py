"""The bearer tokens of operators and administrators: made, found and verified.

A token is looked up by its keyed digest, which nobody can aim at without the key: how long that
takes tells nothing about the tokens that there are.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from portvakt.access.credentials import Keys, new_secret
from portvakt.access.headers import TOKEN, Claims, customer_missing
from portvakt.schema.caller import UNBOUNDED, Caller, Recheck
from portvakt.schema.caller_kinds import ADMINISTRATOR, CALLER_KINDS, OPERATOR
from portvakt.schema.known import TOKENS
from portvakt.schema.operators import Kind
from portvakt.storage.databases.interface import Connection
from portvakt.storage.sql.rows import new_row
from portvakt.storage.statements.columns import field_names
from portvakt.storage.store import Store

LIVE_AT_ONCE = 2
"""How many tokens or credentials may be live at once, so that one can follow another."""

_NAMING_CUSTOMER = tuple(kind.prefix for kind in CALLER_KINDS.values() if kind.names_customer)


def claims_for(claims: Claims, *, platform: bool) -> Claims:
    """What counts of a person's claims: on the platform, no customer does.

    Raises `Problem` (unauthorized) where an operator has to name a customer and doesn't.
    """
    if platform:
        return {TOKEN: claims[TOKEN]}
    if claims[TOKEN].startswith(_NAMING_CUSTOMER) and not claims.get("customer"):
        raise customer_missing()
    return claims


async def verify(store: Store, keys: Keys, token: str, customer: str, now: str) -> Caller | None:
    """A token's holder as a caller, or None where anything is wrong.

    `customer`: the one whose data is asked for; "": none was named.
    """
    digests = [keys.digest(token, number) for number in keys.by_number]
    find = store.statements.credentials.tokens()
    named = {"digests": store.dialect.bind_list(Kind.text, digests), "now": now, "true": True}
    rows = await store.database.fetch(find.text, find.values(named))
    if not rows:
        return None
    pk, revision, operator, own_customer, administrator = rows[0]
    if operator is None and customer not in ("", str(own_customer)):
        return None
    caller = Caller(
        customer=customer if operator is not None else str(own_customer),
        kind=ADMINISTRATOR if operator is None else OPERATOR,
        holder=str(operator or administrator),
        credential=str(pk),
        credential_revision=revision,
        recheck=Recheck.token,
    )
    holds = store.statements.credentials.recheck(Recheck.token)
    proven = await store.database.fetch(holds.text, store.values(holds, caller, now, {}))
    return caller if proven else None


Holder = Mapping[str, str]
"""Whose a token is: `operator`, or `customer` and `administrator`."""


def new_token(
    store: Store, keys: Keys, holder: Holder, *, now: str, pk: str, expires_at: str | None = None
) -> tuple[dict[str, Any], str]:
    """The row of a new token, and the token, which is shown this once."""
    kind = OPERATOR if "operator" in holder else ADMINISTRATOR
    token = new_secret(kind.prefix)
    resource = store.registry.resources[TOKENS]
    clean: dict[str, Any] = {field.name: None for field in resource.fields}
    clean |= {
        **holder,
        "id": pk,
        "digest": keys.digest(token),
        "key_number": keys.newest,
        "expires_at": expires_at,
        "created_at": now,
    }
    return new_row(resource, "", clean, now=now, revision=1), token


async def of_holder(store: Store, connection: Connection, holder: Holder) -> list[dict[str, Any]]:
    """All tokens of a holder, with their internal fields, the newest first."""
    resource = store.registry.resources[TOKENS]
    names = tuple(holder)
    statement = store.statements.rows.select_by_key(resource, names, UNBOUNDED)
    given = store.statements.rows.given_values(resource, names, [tuple(holder.values())])
    rows = await connection.fetch(statement.text, statement.values(given))
    found = map(store.rows(resource, field_names(resource)).clean, rows)
    return sorted(found, key=lambda token: (token["created_at"], token["id"]), reverse=True)


def is_live(stored: Mapping[str, Any], now: str) -> bool:
    """Whether a token or credential may be used now, as far as it alone says."""
    return stored["revoked_at"] is None and (stored["expires_at"] or "9") > now
