"""Hands out receipts: what a person answered, to whom, told what, and where the ledger has it."""

from __future__ import annotations

from typing import Any

from portvakt.access import policy
from portvakt.errors import Code, Problem
from portvakt.ledger import receipt
from portvakt.ledger.chain import Signer
from portvakt.ledger.event import ERASED
from portvakt.operations.context import Context, no_item
from portvakt.schema.caller import UNBOUNDED, RowAccess
from portvakt.schema.known import APPLICATIONS, CUSTOMERS, SERVICES
from portvakt.schema.privacy import AnswerFields
from portvakt.schema.registry import content_type_id
from portvakt.schema.resource import Resource
from portvakt.schema.rights import READ
from portvakt.storage.databases.interface import Connection
from portvakt.storage.statements.columns import item_names

Item = dict[str, Any]


async def issue(context: Context, resource: Resource, signer: Signer | None, pk: str) -> bytes:
    """The signed receipt of the answer `pk`, as it is now.

    Raises `Problem` (forbidden, not_found; unavailable, where nothing can be signed) and
    `RecheckFailed`.
    """
    policy.require(context.caller, resource, [READ])
    if signer is None:
        raise Problem(Code.unavailable, "Receipts need PORTVAKT_SEALING_KEY, which isn't set.")
    async with context.store.database.snapshot() as connection:
        await context.recheck_credential(connection)
        item = await _one(context, connection, resource, pk, context.caller.access(resource))
        if item is None or resource.answers is None:
            raise no_item(resource)
        content = await _content(context, connection, resource, resource.answers, item)
    return receipt.sign(content, signer)


async def _one(
    context: Context, connection: Connection, resource: Resource, pk: str, access: RowAccess
) -> Item | None:
    """An item with all that the access shows of it."""
    statement = context.store.statements.rows.get(resource, access, evidence=True)
    rows = await context.fetch(connection, statement, {"id": pk, "as_of": None})
    names = item_names(resource, access, evidence=True)
    return context.store.rows(resource, names).item(rows[0]) if rows else None


async def _content(
    context: Context, connection: Connection, resource: Resource, answers: AnswerFields, item: Item
) -> Item:
    known = context.store.registry.resources
    kind = next(field for _, field in answers.persons if item[field] is not None)
    person = known[resource.targets[kind]]
    answered = known[resource.targets[answers.integration]]
    activation = await _of(context, connection, answered, item[answers.integration])
    application = {"id": activation["application_id"]}
    recipient = await _of(context, connection, known[APPLICATIONS], application)
    service = {"id": activation["service_id"]}
    service = await _of(context, connection, known[SERVICES], service)
    controller = {"id": context.caller.customer}
    controller = await _of(context, connection, known[CUSTOMERS], controller)
    notice, notices = item.get(answers.notice.field), known[resource.targets[answers.notice.field]]
    told = await _of(context, connection, notices, notice) if notice else {}
    place = await _place(context, connection, resource, item["id"])
    return {
        "schema_version": receipt.SCHEMA_VERSION,
        "record_id": item["id"],
        "pii_principal_id": item[kind]["id"],
        "pii_processing": {
            "privacy_notice": notice and notice["id"],
            "language": told.get("language"),
            "purposes": [
                {
                    "purpose": service["name"],
                    "lawful_basis": "consent",
                    "pii_information": [{"pii_type": name} for name in sorted(person.personal)],
                    "pii_controllers": [controller["id"]],
                    "recipient_third_parties": [recipient["id"]],
                    "collection_method": item.get("method"),
                }
            ],
        },
        "party_identification": [
            _party(controller, "pii_controller"),
            _party(recipient, "recipient_third_party"),
        ],
        "event": [
            {
                "event_time": place["at"],
                "event_type": "explicit",
                "event_state": receipt.GIVEN if item[answers.answer] else receipt.REFUSED,
                "entity_id": item[kind]["id"],
                "validity_duration": None,
            }
        ],
        "portvakt": {
            "person": person.name,
            "integration": activation["id"],
            "notice_version": told.get(answers.notice.version),
            "valid_until": item.get(answers.expires),
            "on_behalf_of": item.get("on_behalf_of"),
            "issued_at": context.now,
            **place,
        },
    }


async def _of(
    context: Context, connection: Connection, resource: Resource, reference: Item
) -> Item:
    return await _one(context, connection, resource, reference["id"], UNBOUNDED) or reference


def _party(item: Item, role: str) -> Item:
    return {"party_id": item["id"], "party_name": item["name"], "party_role": role}


async def _place(
    context: Context, connection: Connection, resource: Resource, pk: str
) -> dict[str, Any]:
    """The answer's last event, and where it stands in the chain; null where it isn't sealed yet."""
    store, customer, kind = context.store, context.caller.customer, content_type_id(resource.name)
    events = await store.events.of_item(connection, customer, kind, pk)
    event = [one for one in events if one["operation"] != ERASED][-1]  # who erased said nothing
    found = await store.seals.place(connection, customer, kind, pk, event["revision"])
    position, digest = found or (None, None)
    return {
        "at": event["at"],
        "revision": event["revision"],
        "position": position,
        "hash": digest,
    }
