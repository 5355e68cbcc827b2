"""That a caller's credential or token holds: found at first, and checked again by statements.

What was verified is never trusted later: each statement of a caller asks it again.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa

from portvakt.schema.caller import Recheck
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
from portvakt.storage.sql.dialects import Dialect, Expression
from portvakt.storage.sql.parameters import is_true, parameter
from portvakt.storage.sql.tables import CUSTOMER, Tables, of_customer


def credential_holds(tables: Tables) -> Expression:
    """That the caller's credential and activation are still what they were when verified."""
    credential = tables.by_resource[CREDENTIALS]
    activation = tables.by_resource[ACTIVATIONS]
    customer = tables.by_resource[CUSTOMERS]
    return sa.exists(
        sa.select(sa.literal_column("1"))
        .select_from(credential)
        .join(activation, activation.c.id == credential.c.integration)
        .join(customer, customer.c.id == parameter("caller_customer", Kind.uuid))
        .where(
            *of_customer(credential),
            *of_customer(activation),
            credential.c.id == parameter("caller_credential", Kind.uuid),
            credential.c.revision == parameter("caller_credential_revision", Kind.integer),
            activation.c.revision == parameter("caller_activation_revision", Kind.integer),
            *_usable(tables),
        )
    )


def _usable(tables: Tables) -> Iterator[Expression]:
    """That a credential may be used now: neither revoked nor expired, nothing suspended."""
    credential = tables.by_resource[CREDENTIALS]
    yield credential.c.revoked_at.is_(None)
    expires_at = credential.c.expires_at
    yield sa.or_(expires_at.is_(None), expires_at > parameter("now", Kind.time))
    yield is_true(tables.by_resource[ACTIVATIONS].c.is_active)
    yield is_true(tables.by_resource[CUSTOMERS].c.is_active)


def token_holds(tables: Tables) -> Expression:
    """That the caller's token is still what it was when verified, and its customer is active.

    Work on the platform alone has no customer.
    """
    token = tables.by_resource[TOKENS]
    customer = tables.by_resource[CUSTOMERS]
    asked = parameter("caller_customer", Kind.uuid)
    holds = sa.exists(
        sa.select(sa.literal_column("1")).where(
            token.c.id == parameter("caller_credential", Kind.uuid),
            token.c.revision == parameter("caller_credential_revision", Kind.integer),
            *_token_live(token),
            _is_active(tables, token, asked),
        )
    )
    active = sa.exists(
        sa.select(sa.literal_column("1")).where(
            customer.c.id == asked, is_true(customer.c.is_active)
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
        sa.exists(one.where(operator.c.id == token.c.operator, is_true(operator.c.is_active))),
        sa.and_(
            token.c.customer == asked,
            sa.exists(
                one.where(
                    *of_customer(administrator),
                    administrator.c.id == token.c.administrator,
                    is_true(administrator.c.is_active),
                )
            ),
        ),
    )


RECHECKS = {Recheck.credential: credential_holds, Recheck.token: token_holds}


def tokens(tables: Tables, dialect: Dialect) -> sa.Select[Any]:
    """The live token whose digest, under one of the keys, is among the list `digests`.

    Whether its holder is active, its re-check tells. Columns: token id, revision, operator,
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
    """The caller's customer."""
    customers = tables.by_resource[CUSTOMERS]
    return sa.select(customers.c.id).where(
        customers.c.id == parameter("caller_customer", Kind.uuid)
    )


def recheck(tables: Tables, kind: Recheck) -> sa.Select[Any]:
    """One row if the caller's credential or token still holds, else none."""
    return sa.select(sa.literal_column("1")).where(RECHECKS[kind](tables))
