"""Credentials of activations: issued, rotated and revoked. A secret is shown once.

Two of an activation may be live at once, so that a secret can follow another without an outage.
The activation's row is locked meanwhile, so that two requests don't make a third.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from portvakt.access import issuing, policy
from portvakt.access.credentials import Keys
from portvakt.access.tokens import LIVE_AT_ONCE, is_live
from portvakt.errors import Code, Fault, FaultCode, Problem
from portvakt.operations.context import Context
from portvakt.operations.writing import idempotent_writes, write_rows
from portvakt.operations.writing.changes import NO_SUCH_ITEM
from portvakt.operations.writing.locked_rows import Row, get_for_update, lock, revise
from portvakt.operations.writing.transactions import transact
from portvakt.schema.known import ACTIVATIONS, CREDENTIALS
from portvakt.schema.resource import Resource
from portvakt.schema.rights import CREATE, UPDATE
from portvakt.schema.values import parse_moment, render_time
from portvakt.storage.databases.interface import Connection
from portvakt.storage.sql.rows import new_row, render_item

Item = dict[str, Any]


async def issue(
    context: Context, keys: Keys, *, integration: str, expires_at: str | None = None
) -> Item:
    """A new credential of an activation, with its `secret`.

    Raises `Problem` (forbidden; invalid, where there is no such activation or the time has passed;
    conflict, where two are live already) and `RecheckFailed`, as all of this module.
    """
    credential = _resource(context)
    policy.require(context.caller, credential, [CREATE])
    _check_expiry(context, expires_at)

    async def run(connection: Connection) -> Item:
        await context.recheck_credential(connection)
        if await _lock_activation(context, connection, integration) is None:
            fault = Fault(FaultCode.not_found, "/integration", NO_SUCH_ITEM)
            raise Problem(Code.invalid, "1 fault in the body.", [fault])
        if len(await _live(context, connection, integration)) >= LIVE_AT_ONCE:
            raise Problem(
                Code.conflict,
                f"The integration has {LIVE_AT_ONCE} live credentials already. Revoke one first.",
            )
        return await add(context, connection, keys, integration, expires_at)

    return await transact(context, run)


async def rotate(
    context: Context, keys: Keys, pk: str, *, overlap: int, expires_at: str | None = None
) -> Item:
    """A new credential in place of a live one, which ends after `overlap` seconds (0: now).

    Raises also `Problem` (not_found; conflict, where it is live no longer or another one is).
    """
    credential = _resource(context)
    policy.require(context.caller, credential, [CREATE, UPDATE])
    _check_expiry(context, expires_at)

    async def run(connection: Connection) -> Item:
        await context.recheck_credential(connection)
        integration = (await get_for_update(context, connection, credential, pk))["integration"]
        await _lock_activation(context, connection, integration)
        stored = await get_for_update(context, connection, credential, pk)
        if not is_live(stored, context.now):
            raise Problem(Code.conflict, "The credential is no longer live. Issue a new one.")
        others = [row for row in await _live(context, connection, integration) if row["id"] != pk]
        if len(others) + 1 + bool(overlap) > LIVE_AT_ONCE:
            detail = "Another credential is live too. Revoke it, or rotate with an overlap of 0."
            raise Problem(Code.conflict, detail)
        await revise(context, connection, credential, stored, **_end(context, stored, overlap))
        return await add(context, connection, keys, integration, expires_at)

    return await transact(context, run)


async def revoke(context: Context, pk: str) -> Item:
    """End a credential now; whoever uses it is refused from the next request on.

    One that was revoked before stays as it is. Raises also `Problem` (not_found).
    """
    credential = _resource(context)
    policy.require(context.caller, credential, [UPDATE])

    async def run(connection: Connection) -> Item:
        await context.recheck_credential(connection)
        stored = await get_for_update(context, connection, credential, pk)
        if stored["revoked_at"] is None:
            stored = await revise(context, connection, credential, stored, revoked_at=context.now)
        idempotent_writes.note(context, pk, stored["revision"], "updated")
        return render_item(credential, stored)

    return await transact(context, run)


def _resource(context: Context) -> Resource:
    return context.store.registry.resources[CREDENTIALS]


def _check_expiry(context: Context, expires_at: str | None) -> None:
    if expires_at is not None and expires_at <= context.now:
        fault = Fault(FaultCode.out_of_range, "/expires_at", "This must lie in the future.")
        raise Problem(Code.invalid, "1 fault in the body.", [fault])


def _end(context: Context, stored: Row, overlap: int) -> dict[str, str]:
    """What ends a credential after so many seconds; never later than it would have ended."""
    if not overlap:
        return {"revoked_at": context.now}
    end = render_time(parse_moment(context.now) + timedelta(seconds=overlap))
    return {"expires_at": min(end, stored["expires_at"] or end)}


async def _lock_activation(context: Context, connection: Connection, pk: str) -> Row | None:
    return await lock(context, connection, context.store.registry.resources[ACTIVATIONS], pk)


async def _live(context: Context, connection: Connection, integration: str) -> list[Row]:
    found = await issuing.of_activation(
        context.store, connection, context.caller, integration, now=context.now
    )
    return [row for row in found if is_live(row, context.now)]


async def add(
    context: Context,
    connection: Connection,
    keys: Keys,
    integration: str,
    expires_at: str | None = None,
) -> Item:
    """Store a new credential, whatever others there are; the item with its `secret`."""
    clean, secret = issuing.new_credential(
        keys, integration, now=context.now, pk=context.new_id(), expires_at=expires_at
    )
    resource = _resource(context)
    row = new_row(resource, context.caller.customer, clean, now=context.now, revision=1)
    await write_rows.add(context, connection, resource, [row])
    idempotent_writes.note(context, row["id"], row["revision"], "created")
    return {**render_item(resource, clean), "secret": secret}
