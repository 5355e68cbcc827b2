"""Who may call the sandbox: the activations of the sample data and their secrets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from portvakt.access import credentials as secret_rules
from portvakt.access import tokens
from portvakt.access.headers import render_headers
from portvakt.access.issuing import is_live
from portvakt.app import clock, new_id
from portvakt.operations.accounts import credentials, logins
from portvakt.operations.context import Context
from portvakt.operations.reading import read
from portvakt.sandbox.data import SampleCustomer
from portvakt.sandbox.integrations import ORGANIZATION, operator_item
from portvakt.schema.caller import Caller
from portvakt.schema.caller_kinds import OPERATOR
from portvakt.schema.query import Filter, Query
from portvakt.schema.registry import content_type_id
from portvakt.storage.store import Store

Item = dict[str, Any]

IDS = ("integration", "tenant", "sub_tenant", "organization_user", "organization")
"""The kinds of item whose ids the credentials file lists."""


class StoredSecrets(msgspec.Struct):
    """What is kept from one start to the next.

    The hashing keys, secrets by activation, the operator's token, and the key that seals.
    """

    keys: str
    secrets: dict[str, str] = {}
    operator: str = ""
    sealing: str = msgspec.field(default_factory=secret_rules.new_key)


def caller_of(sample: SampleCustomer, integration: Mapping[str, Any]) -> Caller:
    """The sandbox's own work on what an integration names."""
    return Caller(
        customer=sample.id,
        application=integration["application_id"],
        service=integration["service_id"],
        service_version=integration["service_version_id"],
        activation=integration["id"],
        kind=OPERATOR,
    )


async def customer(store: Store, sample: SampleCustomer, kept: StoredSecrets) -> Item:
    """What the credentials file says of a customer.

    The seven headers of its first integration, ids to play with, and its activations by level,
    each with its headers; those that are suspended come last.
    """
    first = sample.first_integration
    on_organizations = content_type_id(ORGANIZATION)
    ids = {kind: sample.ids(kind) for kind in IDS}
    ids["integration"] = [
        item["id"]
        for item in sample.of_kind("integration")
        if item["activation_content_type"] == on_organizations
    ]
    return {
        "headers": await _headers(store, sample, kept, first),
        "ids": ids,
        "activations": await _activations(store, sample, kept),
    }


async def _activations(
    store: Store, sample: SampleCustomer, kept: StoredSecrets
) -> dict[str, list[Item]]:
    """The activations that are still there, as they are now."""
    states = await _version_states(store, sample)
    by_level: dict[str, list[Item]] = {}
    for item in sorted(await _stored(store, sample), key=lambda item: not item["is_active"]):
        level = item["activation_content_type"]
        if level is None:
            continue
        entry = {
            "id": item["id"],
            "is_active": item["is_active"],
            "version_state": states[item["service_version_id"]],
            "object_id": item["activation_object_id"],
            "headers": await _headers(store, sample, kept, {**item, **_flat(level)}),
        }
        by_level.setdefault(store.registry.content_types[level["id"]], []).append(entry)
    return by_level


def _flat(level: Mapping[str, str]) -> Item:
    return {"activation_content_type": level["id"]}


async def _stored(store: Store, sample: SampleCustomer) -> list[Item]:
    """The sample's activations, in the sample's order."""
    ids = sample.ids("integration")
    named = Query(filters=(Filter("id", "in", False, tuple(ids)),))
    items = await _all(store, sample, "accounts.integrationuseragent", named)
    return sorted(items, key=lambda item: ids.index(item["id"]))


async def _version_states(store: Store, sample: SampleCustomer) -> dict[str, str]:
    versions = await _all(store, sample, "platform.serviceversion", Query())
    return {item["id"]: item["state"] for item in versions}


async def _all(store: Store, sample: SampleCustomer, name: str, query: Query) -> list[Item]:
    caller = caller_of(sample, sample.first_integration)
    context = Context(store, caller, clock(), new_id, rechecked=False)
    async with read.export(context, store.registry.resources[name], query) as export:
        return [item async for chunk in export.chunks for item in chunk]


async def _headers(
    store: Store, sample: SampleCustomer, kept: StoredSecrets, integration: Mapping[str, Any]
) -> dict[str, str]:
    """The seven headers of an activation."""
    caller = caller_of(sample, integration)
    values = {
        "customer": caller.customer,
        "application": caller.application,
        "service": caller.service,
        "service_version": caller.service_version,
        "content_type": store.registry.content_types[integration["activation_content_type"]],
        "object": integration["activation_object_id"],
        "secret": await _secret(store, caller, kept),
    }
    return render_headers(values)


async def _secret(store: Store, caller: Caller, kept: StoredSecrets) -> str:
    """A secret that works: the kept one, or a new one where the database doesn't know it."""
    keys = secret_rules.parse_keys(kept.keys)
    known = kept.secrets.get(caller.activation)
    async with store.database.transaction() as connection:
        if known and await is_live(store, connection, keys, caller, known, now=clock()):
            return known
        context = Context(store, _own(caller.customer), clock(), new_id, rechecked=False)
        item = await credentials.add(context, connection, keys, caller.activation)
    secret = kept.secrets[caller.activation] = str(item["secret"])
    return secret


def _own(customer: str = "") -> Caller:
    """The sandbox itself, as an operator."""
    return Caller(customer=customer, kind=OPERATOR)


async def operators_token(store: Store, kept: StoredSecrets) -> str:
    """A token of the operator that works: the kept one, or a new one in place of all others."""
    keys = secret_rules.parse_keys(kept.keys)
    if kept.operator and await tokens.verify(store, keys, kept.operator, "", clock()):
        return kept.operator
    operator = operator_item()["id"]
    context = Context(store, _own(), clock(), new_id, rechecked=False)
    async with store.database.transaction() as connection:
        known = await tokens.of_holder(store, connection, {"operator": operator})
        await logins.remove_tokens(context, connection, [token["id"] for token in known])
    return await logins.issue_token(context, keys, operator, None)
