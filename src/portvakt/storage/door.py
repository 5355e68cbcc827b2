"""The one door to the rows: where every SELECT, UPDATE and DELETE on a resource begins.

Each statement is told the table, and gets from here what the caller may touch: the customer, the
caller's own rows where a resource has an owner, and the proof that the caller's credential still
holds. Which other modules may call `sqlalchemy.select`, and for what, ARCHITECTURE.md lists (a test
reads the sources). The values of the conditions are parameters, those of `Scope.values` among them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import sqlalchemy as sa

from portvakt.schema.known import (
    ACTIVATIONS,
    ADMINISTRATORS,
    CREDENTIALS,
    CUSTOMERS,
    OPERATORS,
    SERVICE_VERSIONS,
    SERVICES,
    TOKENS,
)
from portvakt.schema.operators import Kind
from portvakt.schema.resource import Resource
from portvakt.schema.scope import Access, Proof
from portvakt.storage import gate, reach
from portvakt.storage.decision_table import DECISION_COLUMNS, DECISION_KEY, NUMBER
from portvakt.storage.dialects import TYPES, Dialect, Expression
from portvakt.storage.tables import CUSTOMER, Tables, of_customer
from portvakt.storage.view import View


def parameter(name: str, kind: Kind) -> sa.BindParameter[Any]:
    """A parameter of a statement; its value is bound by kind (see `statements.Statement`)."""
    return sa.bindparam(name, type_=TYPES[kind])


def select(
    view: View,
    columns: Sequence[Expression],
    rows: sa.FromClause | None = None,
    *,
    together: bool = False,
) -> sa.Select[Any]:
    """`SELECT columns` from the rows that the view's access may touch.

    `rows` stand in their place where they are joined with something else. `together`: many rows
    are read, so that what is in reach is better found all at once.
    """
    conditions = allowed(view.tables, view.resource, view.access, together=together)
    source = view.rows if rows is None else rows
    return sa.select(*columns).select_from(source).where(*conditions)


def as_of(tables: Tables, resource: Resource) -> Tables:
    """The tables with that of `resource` as it was at the moment `as_of`.

    It holds the newest version of each item that was written by then, unless that is deleted.
    """
    version = tables.versions[resource.name]
    newer = version.alias()
    moment = parameter("as_of", Kind.time)
    superseded = sa.exists(
        sa.select(sa.literal_column("1")).where(
            *of_customer(newer),
            newer.c.id == version.c.id,
            newer.c.revision > version.c.revision,
            newer.c.updated_at <= moment,
        )
    )
    then = (
        sa.select(*(version.c[column.name] for column in tables[resource].columns))
        .where(*of_customer(version), version.c.updated_at <= moment)
        .where(sa.not_(_is_true(version.c.deleted)), sa.not_(superseded))
        .subquery(tables[resource].name)
    )
    return tables.with_rows(resource, then)


def ever(tables: Tables, resource: Resource) -> Tables:
    """The tables with that of `resource` holding every version of each item, deleted or not."""
    return tables.with_rows(resource, tables.versions[resource.name])


def decided_then(tables: Tables, columns: Sequence[Expression]) -> sa.Select[Any]:
    """Of each pair's changes the last one that was made by `as_of`, if its answer counted then.

    Of the scope's integration and a `kind` of persons. `now` is to be that moment too.
    """
    past = tables.past_decisions
    newer = past.alias()
    moment = parameter("as_of", Kind.time)
    superseded = sa.exists(
        sa.select(sa.literal_column("1")).where(
            *of_customer(newer),
            *(newer.c[name] == past.c[name] for name in DECISION_KEY[1:]),
            newer.c[NUMBER] > past.c[NUMBER],
            newer.c.since <= moment,
        )
    )
    return sa.select(*columns).where(
        *of_customer(past),
        past.c.integration == parameter("scope_activation", Kind.uuid),
        past.c.kind == parameter("kind", Kind.uuid),
        past.c.since <= moment,
        past.c.yes.is_not(None),
        sa.not_(superseded),
        gate.not_over(_notices_then(tables), past),
    )


def _notices_then(tables: Tables) -> Tables:
    """The tables with the notices that answers name as they were at the moment `as_of`."""
    answers = tables.registry.deciding
    if answers is None or answers.decides is None:
        return tables
    notices = answers.targets[answers.decides.told.field]
    return as_of(tables, tables.registry.resources[notices])


def of_pairs(table: sa.TableClause, pairs: sa.FromClause, column: Expression) -> sa.Select[Any]:
    """A column of the customer's rows of a table of decisions that are of one of these pairs."""
    wanted = sa.select(*(pairs.c[name] for name in DECISION_KEY[1:]))
    pair = sa.tuple_(*(table.c[name] for name in DECISION_KEY[1:]))
    return sa.select(column).where(*of_customer(table), pair.in_(wanted))


def last_change(tables: Tables, pairs: sa.FromClause) -> sa.Select[Any]:
    """When one of these pairs of the customer last changed, each read from its last change."""
    past = tables.past_decisions.alias()
    each = _of_pair(past, pairs.c.__getitem__, past.c.since)
    last = each.order_by(past.c[NUMBER].desc()).limit(sa.literal_column("1"))
    when = last.correlate_except(past).scalar_subquery()
    return sa.select(sa.func.max(when, type_=past.c.since.type)).select_from(pairs)


def next_change(tables: Tables, row: Callable[[str], Expression]) -> sa.Select[Any]:
    """`PAST_DECISION_COLUMNS` of a pair's next change, for an INSERT; `row` gives its own columns.

    None where the last one was later, or made at once by an answer that is listed later.
    """
    past = tables.past_decisions.alias()
    at_once = sa.and_(past.c.since == row("since"), past.c.answer <= row("answer"))
    follows = _of_pair(past, row, sa.or_(past.c.since < row("since"), at_once))
    last = follows.order_by(past.c[NUMBER].desc()).limit(sa.literal_column("1"))
    allowed = sa.func.coalesce(last.correlate_except(past).scalar_subquery(), sa.true())
    return sa.select(*map(row, DECISION_COLUMNS), _next_number(tables, row)).where(allowed)


def _next_number(tables: Tables, pair: Callable[[str], Expression]) -> Expression:
    """The number of a pair's next change; `pair` gives the values of `DECISION_KEY` by name."""
    past = tables.past_decisions.alias()
    zero, one = (sa.literal_column(text, TYPES[Kind.integer]) for text in "01")
    next_one = sa.func.coalesce(sa.func.max(past.c[NUMBER]), zero) + one
    found = _of_pair(past, pair, next_one).correlate_except(past)
    return found.scalar_subquery().label(NUMBER)


def _of_pair(
    past: sa.FromClause, pair: Callable[[str], Expression], column: Expression
) -> sa.Select[Any]:
    same = (past.c[name] == pair(name) for name in DECISION_KEY[1:])
    return sa.select(column).where(*of_customer(past), *same)


def withdrawn(tables: Tables) -> sa.Select[Any]:
    """The change that leaves a pair without an answer, if this `answer` decides; locked.

    Columns: those of `PAST_DECISION_COLUMNS`.
    """
    decision = tables.decisions
    ends = {"yes": sa.null(), "since": parameter("since", Kind.time)}
    kept = [ends.get(name, decision.c[name]) for name in DECISION_COLUMNS]
    named = (*DECISION_KEY[1:], "answer")
    return (
        sa.select(*kept, _next_number(tables, decision.c.__getitem__))
        .where(*of_customer(decision))
        .where(*(decision.c[name] == parameter(name, Kind.uuid) for name in named))
        .where(decision.c.yes.is_not(None))
        .with_for_update(of=decision)
    )


def allowed(
    tables: Tables, resource: Resource, access: Access, *, together: bool = False
) -> Iterator[Expression]:
    """The conditions on rows of `resource` that an access sets, its proof among them."""
    table = tables[resource]
    yield from of_customer(table)
    if resource.owner and access.owned:
        field = resource.stored[resource.owner.field]
        mine = table.c[field.name] == parameter(f"scope_{resource.owner.claim}", field.kind)
        yield _or_nobodys(mine, table.c[field.name]) if resource.owner.shared else mine
    if resource.about and access.own:
        about = table.c[resource.about]
        mine = about == parameter("scope_activation", Kind.uuid)
        yield _or_nobodys(mine, about) if resource.stored[resource.about].nullable else mine
    if access.level is not None and not resource.platform:
        yield reach.within(tables, resource, access, together=together)
    if access.connected and resource.connected_by and not resource.platform:
        yield reach.connected(tables, resource, table)
    if access.proof is not Proof.none:
        yield _PROOFS[access.proof](tables)


def _or_nobodys(mine: Expression, column: Expression) -> Expression:
    """Rows for which a condition holds, and those without a value in its column."""
    return sa.or_(column.is_(None), mine)


def proof(tables: Tables) -> Expression:
    """That the scope's credential and activation are still what they were when verified."""
    credential = tables.by_resource[CREDENTIALS]
    activation = tables.by_resource[ACTIVATIONS]
    customer = tables.by_resource[CUSTOMERS]
    return sa.exists(
        sa.select(sa.literal_column("1"))
        .select_from(credential)
        .join(activation, activation.c.id == credential.c.integration)
        .join(customer, customer.c.id == parameter("scope_customer", Kind.uuid))
        .where(
            *of_customer(credential),
            *of_customer(activation),
            credential.c.id == parameter("scope_credential", Kind.uuid),
            credential.c.revision == parameter("scope_credential_revision", Kind.integer),
            activation.c.revision == parameter("scope_activation_revision", Kind.integer),
            *_usable(tables),
        )
    )


def _usable(tables: Tables) -> Iterator[Expression]:
    """That a credential may be used now: neither revoked nor expired, nothing suspended."""
    credential = tables.by_resource[CREDENTIALS]
    yield credential.c.revoked_at.is_(None)
    expires_at = credential.c.expires_at
    yield sa.or_(expires_at.is_(None), expires_at > parameter("now", Kind.time))
    yield _is_true(tables.by_resource[ACTIVATIONS].c.is_active)
    yield _is_true(tables.by_resource[CUSTOMERS].c.is_active)


def _is_true(column: Expression) -> Expression:
    # By a parameter: SQLite's true is the number 1, PostgreSQL's is a boolean.
    return column == parameter("true", Kind.boolean)


def token_proof(tables: Tables) -> Expression:
    """That the scope's token is still what it was when verified, and its customer is active.

    Work on the platform alone has no customer.
    """
    token = tables.by_resource[TOKENS]
    customer = tables.by_resource[CUSTOMERS]
    asked = parameter("scope_customer", Kind.uuid)
    holds = sa.exists(
        sa.select(sa.literal_column("1")).where(
            token.c.id == parameter("scope_credential", Kind.uuid),
            token.c.revision == parameter("scope_credential_revision", Kind.integer),
            *_token_live(token),
            _is_active(tables, token, asked),
        )
    )
    active = sa.exists(
        sa.select(sa.literal_column("1")).where(
            customer.c.id == asked, _is_true(customer.c.is_active)
        )
    )
    return sa.and_(holds, sa.or_(asked.is_(None), active))


def _token_live(token: sa.TableClause) -> Iterator[Expression]:
    """That a token is neither revoked nor expired."""
    yield token.c.revoked_at.is_(None)
    yield sa.or_(token.c.expires_at.is_(None), token.c.expires_at > parameter("now", Kind.time))


def _is_active(tables: Tables, token: sa.TableClause, asked: Expression) -> Expression:
    """That a token's holder is active: an operator, or an administrator of the customer `asked`."""
    operator, administrator = tables.by_resource[OPERATORS], tables.by_resource[ADMINISTRATORS]
    one: sa.Select[Any] = sa.select(sa.literal_column("1"))
    return sa.or_(
        sa.exists(one.where(operator.c.id == token.c.operator, _is_true(operator.c.is_active))),
        sa.and_(
            token.c.customer == asked,
            sa.exists(
                one.where(
                    *of_customer(administrator),
                    administrator.c.id == token.c.administrator,
                    _is_true(administrator.c.is_active),
                )
            ),
        ),
    )


_PROOFS = {Proof.credential: proof, Proof.token: token_proof}


def tokens(tables: Tables, dialect: Dialect) -> sa.Select[Any]:
    """The live token whose digest, under one of the keys, is among the list `digests`.

    Whether its holder is active is told by its proof. Columns: token id, revision, operator,
    customer, administrator.
    """
    token = tables.by_resource[TOKENS]
    return sa.select(
        token.c.id, token.c.revision, token.c.operator, token.c.customer, token.c.administrator
    ).where(dialect.one_of(token.c.digest, Kind.text, "digests"), *_token_live(token))


def claims(tables: Tables) -> sa.Select[Any]:
    """The live credentials of the activation that six claims name (decision record 7).

    Columns: credential id, revision, digest, key number; activation id, revision, rights,
    registered addresses, whether it requires connections, whether it requires personal
    information, and its acceptance mode.
    """
    credential = tables.by_resource[CREDENTIALS]
    activation = tables.by_resource[ACTIVATIONS]
    customer = tables.by_resource[CUSTOMERS]
    version = tables.by_resource[SERVICE_VERSIONS]
    service = tables.by_resource[SERVICES]
    named = {
        activation.c[CUSTOMER]: "customer",
        activation.c.application_id: "application",
        activation.c.service_id: "service",
        activation.c.service_version_id: "service_version",
        activation.c.activation_content_type: "content_type",
        activation.c.activation_object_id: "object",
    }
    return (
        sa.select(
            credential.c.id,
            credential.c.revision,
            credential.c.digest,
            credential.c.key_number,
            activation.c.id,
            activation.c.revision,
            activation.c.allowed_access,
            activation.c.registered_ip_addresses,
            activation.c.access_requires_specific_object_connection,
            activation.c.require_personal_information_access,
            activation.c.personal_information_acceptance_mode,
        )
        .select_from(activation)
        .join(customer, customer.c.id == parameter("customer", Kind.uuid))
        .join(version, version.c.id == activation.c.service_version_id)
        .join(
            service,
            sa.and_(
                service.c.id == version.c.service,
                service.c.id == activation.c.service_id,
                service.c.application == activation.c.application_id,
            ),
        )
        .join(
            credential,
            sa.and_(
                credential.c[CUSTOMER] == parameter("customer", Kind.uuid),
                credential.c.integration == activation.c.id,
            ),
        )
        .where(
            *(column == parameter(name, Kind.uuid) for column, name in named.items()),
            *_usable(tables),
        )
        .order_by(credential.c.created_at, credential.c.id)
    )


def customer(tables: Tables) -> sa.Select[Any]:
    """The scope's customer."""
    customers = tables.by_resource[CUSTOMERS]
    return sa.select(customers.c.id).where(customers.c.id == parameter("scope_customer", Kind.uuid))


def still_proven(tables: Tables, kind: Proof) -> sa.Select[Any]:
    """One row if the scope's proof still holds, else none."""
    return sa.select(sa.literal_column("1")).where(_PROOFS[kind](tables))


def rows(given: sa.FromClause, names: Iterable[str]) -> sa.Select[Any]:
    """Rows that came in as parameters, for an INSERT: nothing stored is read."""
    return sa.select(*(given.c[name] for name in names))


def given(
    rows: sa.FromClause, view: View, names: Sequence[str], columns: Sequence[Expression]
) -> sa.Select[Any]:
    """The allowed rows that, as seen, agree with one of the given `rows` in columns `names`."""
    wanted = sa.select(*(rows.c[name] for name in names))
    return select(view, columns).where(
        sa.tuple_(*(view.column(name) for name in names)).in_(wanted)
    )
