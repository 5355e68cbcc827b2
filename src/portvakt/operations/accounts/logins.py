"""People: administrators log in, get passwords; tokens are revoked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from portvakt.access import policy, tokens
from portvakt.access.credentials import Keys
from portvakt.access.headers import refused
from portvakt.access.passwords import Passwords
from portvakt.errors import Code, Problem
from portvakt.operations.context import Context
from portvakt.operations.reading import read
from portvakt.operations.writing import idempotent_writes, write_rows
from portvakt.operations.writing.locked_rows import Row, get_for_update, lock, revise
from portvakt.operations.writing.transactions import transact
from portvakt.schema.caller import UNBOUNDED, Caller
from portvakt.schema.caller_kinds import ADMINISTRATOR, OPERATOR
from portvakt.schema.known import ADMINISTRATORS, CUSTOMERS, LOGIN_ATTEMPTS, OPERATORS, TOKENS
from portvakt.schema.rights import UPDATE
from portvakt.schema.values import fold, parse_moment, render_time
from portvakt.storage.databases.interface import Connection
from portvakt.storage.sql.rows import new_row, render_item
from portvakt.storage.sql.tables import FOLDED
from portvakt.storage.statements.columns import field_names

Item = dict[str, Any]

TOKEN_LASTS = timedelta(hours=12)  # a working day: who logs in each morning is never interrupted
# Nobody guesses a password by so many; and who guesses at somebody else's account locks it for no
# longer than that (decision record 19).
MOST_FAILURES = 10
FAILURES_LAST = timedelta(minutes=15)  # both together: 960 guesses a day


async def login(
    context: Context,
    keys: Keys,
    passwords: Passwords,
    *,
    customer: str,
    email: str,
    password: str,
) -> Item:
    """A new token of an administrator, and when it expires.

    Raises `Problem`: unauthorized whatever is wrong, too_many_requests after too many failures.
    """
    context = _own(context, customer)
    account = keys.digest(f"login {customer} {fold(email)}")
    await transact(context, lambda connection: _count(context, connection, account))
    found = await _find(context, email)
    stored = found["password"] if found else None
    if not await passwords.verify(stored, password) or found is None:
        raise refused("another password, or nobody with this address")
    pk = found["id"]

    async def enter(connection: Connection) -> Item:
        administrator = context.store.registry.resources[ADMINISTRATORS]
        held = await lock(context, connection, administrator, pk)
        if held is None or held["password"] != stored:  # it was changed since it was verified
            raise refused("the password was changed meanwhile")
        await _forget(context, connection, account)
        return await _enter(context, connection, keys, pk)

    return await transact(context, enter)


def _own(context: Context, customer: str) -> Context:
    """The surroundings of our own work on a customer's data."""
    return replace(context, caller=Caller(customer=customer, kind=OPERATOR), rechecked=False)


async def _count(context: Context, connection: Connection, account: str) -> None:
    """Count one more failure, before it is known to be one, so that none goes uncounted.

    Accounts that don't exist are counted too: a refusal tells nothing about that.
    """
    resource = context.store.registry.resources[LOGIN_ATTEMPTS]
    before = render_time(parse_moment(context.now) - FAILURES_LAST)
    statement = context.store.statements.writes.delete_before(resource, "last_failed_at")
    await connection.execute(statement.text, statement.values({"before": before}))
    stored = await _attempts(context, connection, account)
    if stored is None:
        clean: Row = {"id": context.new_id(), "account": account, "created_at": context.now}
        clean |= {"failures": 1, "last_failed_at": context.now}
        row = new_row(resource, "", clean, now=context.now, revision=1)
        await write_rows.add(context, connection, resource, [row])
    elif stored["failures"] >= MOST_FAILURES:
        raise _too_many(context, stored)
    else:
        failures = stored["failures"] + 1
        changes = {"failures": failures, "last_failed_at": context.now}
        await revise(context, connection, resource, stored, **changes)


def _too_many(context: Context, stored: Row) -> Problem:
    end = parse_moment(stored["last_failed_at"]) + FAILURES_LAST
    seconds = max(1, int((end - parse_moment(context.now)).total_seconds()) + 1)
    return Problem(
        Code.too_many_requests,
        f"There were {MOST_FAILURES} failed logins. Try again later.",
        headers=[("Retry-After", str(seconds))],
    )


async def _attempts(context: Context, connection: Connection, account: str) -> Row | None:
    resource = context.store.registry.resources[LOGIN_ATTEMPTS]
    statement = context.store.statements.rows.select_by_key(resource, ("account",), UNBOUNDED)
    named = context.store.statements.rows.given_values(resource, ("account",), [(account,)])
    rows = await context.fetch(connection, statement, named)
    return await lock(context, connection, resource, str(rows[0][0])) if rows else None


async def _find(context: Context, email: str) -> Row | None:
    """The active administrator of the caller's active customer with this e-mail, in any case."""
    registry = context.store.registry
    customers = registry.resources[CUSTOMERS]
    customer = await read.get(context, customers, context.caller.customer)
    resource = registry.resources[ADMINISTRATORS]
    names = ("email" + FOLDED,)
    statement = context.store.statements.rows.select_by_key(resource, names, UNBOUNDED)
    named = context.store.statements.rows.given_values(resource, names, [(fold(email),)])
    rows = await context.fetch(None, statement, named)
    found = list(map(context.store.rows(resource, field_names(resource)).clean, rows))
    usable = [row for row in found if row["is_active"] and customer and customer["is_active"]]
    exact = [row for row in usable if row["email"] == email] or usable
    return exact[0] if len(exact) == 1 else None


async def _forget(context: Context, connection: Connection, account: str) -> None:
    """Count no failures of an account any more."""
    stored = await _attempts(context, connection, account)
    if stored is not None:
        resource = context.store.registry.resources[LOGIN_ATTEMPTS]
        await write_rows.remove(context, connection, resource, [stored])


async def _enter(context: Context, connection: Connection, keys: Keys, pk: str) -> Item:
    """Store a new token of a locked administrator, in the place of all but the newest live one."""
    store = context.store
    holder = {"customer": context.caller.customer, "administrator": pk}
    known = await tokens.of_holder(store, connection, holder)
    live = [token["id"] for token in known if tokens.is_live(token, context.now)]
    stay = live[: tokens.LIVE_AT_ONCE - 1]
    # From here on it is the administrator who acts.
    own = replace(context, caller=replace(context.caller, kind=ADMINISTRATOR, holder=pk))
    await remove_tokens(own, connection, [one["id"] for one in known if one["id"] not in stay])
    expires_at = render_time(parse_moment(context.now) + TOKEN_LASTS)
    token = await _add_token(own, connection, keys, holder, expires_at)
    return {"token": token, "expires_at": expires_at}


async def remove_tokens(context: Context, connection: Connection, ids: Sequence[str]) -> None:
    """Delete tokens; whoever uses one is refused from the next request on."""
    resource = context.store.registry.resources[TOKENS]
    stored = [await lock(context, connection, resource, pk) for pk in ids]
    await write_rows.remove(context, connection, resource, [row for row in stored if row])


async def _add_token(
    context: Context,
    connection: Connection,
    keys: Keys,
    holder: tokens.Holder,
    expires_at: str | None,
) -> str:
    row, token = tokens.new_token(
        context.store, keys, holder, now=context.now, pk=context.new_id(), expires_at=expires_at
    )
    resource = context.store.registry.resources[TOKENS]
    await write_rows.add(context, connection, resource, [row])
    return token


async def set_password(context: Context, passwords: Passwords, pk: str, *, password: str) -> Item:
    """Give an administrator a password; whatever tokens there are end. The item.

    Raises `Problem` (forbidden, not_found) and `RecheckFailed`.
    """
    resource = context.store.registry.resources[ADMINISTRATORS]
    policy.require(context.caller, resource, [UPDATE])
    hashed = await passwords.hash(password)

    async def run(connection: Connection) -> Item:
        await context.recheck_credential(connection)
        stored = await get_for_update(context, connection, resource, pk)
        row = await revise(context, connection, resource, stored, password=hashed)
        holder = {"customer": context.caller.customer, "administrator": pk}
        known = await tokens.of_holder(context.store, connection, holder)
        await remove_tokens(context, connection, [token["id"] for token in known])
        idempotent_writes.note(context, pk, row["revision"], "updated")
        return render_item(resource, row)

    return await transact(context, run)


async def revoke_token(context: Context, pk: str) -> Item:
    """End a token now; whoever uses it is refused from the next request on. The item.

    Raises `Problem` (forbidden, not_found) and `RecheckFailed`.
    """
    resource = context.store.registry.resources[TOKENS]
    policy.require(context.caller, resource, [UPDATE])

    async def run(connection: Connection) -> Item:
        await context.recheck_credential(connection)
        stored = await get_for_update(context, connection, resource, pk)
        if stored["revoked_at"] is None:
            stored = await revise(context, connection, resource, stored, revoked_at=context.now)
        idempotent_writes.note(context, pk, stored["revision"], "updated")
        return render_item(resource, stored)

    return await transact(context, run)


async def issue_token(context: Context, keys: Keys, operator: str, expires_at: str | None) -> str:
    """A new token of an operator; what is no longer live of the operator's is removed.

    Raises `Problem`: not_found; conflict, where two tokens are live already.
    """
    resource = context.store.registry.resources[OPERATORS]

    async def run(connection: Connection) -> str:
        await get_for_update(context, connection, resource, operator)
        holder = {"operator": operator}
        known = await tokens.of_holder(context.store, connection, holder)
        live = [token["id"] for token in known if tokens.is_live(token, context.now)]
        if len(live) >= tokens.LIVE_AT_ONCE:
            detail = f"The operator has {len(live)} live tokens already. Revoke one first."
            raise Problem(Code.conflict, detail)
        dead = [token["id"] for token in known if token["id"] not in live]
        await remove_tokens(context, connection, dead)
        return await _add_token(context, connection, keys, holder, expires_at)

    return await transact(context, run)
