"""Sealers and exports of a ledger, to test with."""

from __future__ import annotations

from typing import Any

from portvakt.ledger import verify
from portvakt.ledger.chain import Signer
from portvakt.ledger.seal import Sealer
from portvakt.storage.store import Store
from tests.support.stores import ACTIVATION, TENANT, Customer, moment, new_id, ref

SIGNER = Signer(b"s" * 32)


def sealer(store: Store) -> Sealer:
    """A sealer of this store."""
    return Sealer(store, SIGNER, clock=moment, new_id=new_id)


async def exported(store: Store, customer: str) -> list[bytes]:
    """The lines of an export."""
    async with store.database.snapshot() as connection:
        return [line async for line in verify.export(store, connection, SIGNER, customer, moment())]


def answer(customer: Customer) -> dict[str, Any]:
    """The body of an answer."""
    body = {"answer": True, "integration": ref(customer.a(ACTIVATION))}
    return body | {"answered_by_tenant": ref(customer.a(TENANT))}
