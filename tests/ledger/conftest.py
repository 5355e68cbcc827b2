"""A customer whose events are sealed."""

from __future__ import annotations

import pytest_asyncio

from portvakt.operations.writing import write
from portvakt.storage.store import Store
from tests.support.sealing import answer, sealer
from tests.support.stores import ANSWER, Customer


@pytest_asyncio.fixture(loop_scope="module")
async def sealed(store: Store, customer: Customer) -> Customer:
    """A customer whose events are sealed."""
    made = await write.create(customer.own, ANSWER, answer(customer))
    await write.update(customer.own, ANSWER, made["id"], {"answer": False})
    await write.delete(customer.own, ANSWER, made["id"])
    await sealer(store).seal_all()
    return customer
