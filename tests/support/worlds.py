"""Two customers whose rows have the same ids, to compare what is answered of each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import count
from uuid import UUID

from portvakt.storage.sql.tables import CUSTOMER
from portvakt.storage.store import Store
from tests.support.stores import CUSTOMER as CUSTOMERS
from tests.support.stores import Customer, insert


async def twin(store: Store, customer: Customer) -> Customer:
    """A new customer with copies of all rows of another one, ids included; without its events."""
    (pk,) = await insert(store, CUSTOMERS, [{"name": "Tvilling"}])
    async with store.database.transaction() as connection:
        for table in store.tables.metadata.sorted_tables:
            ledgers = table.name.startswith("ledger_") or table.name in store.tables.append_only
            if CUSTOMER in table.c and not ledgers:
                names = [f'"{column.name}"' for column in table.columns if column.name != CUSTOMER]
                listed = ", ".join(names)
                await connection.execute(
                    f"INSERT INTO {table.name} ({CUSTOMER}, {listed})"
                    f" SELECT '{pk}', {listed} FROM {table.name} WHERE {CUSTOMER} = '{customer.id}'"
                )
    caller = replace(customer.context.caller, customer=pk)
    context = replace(customer.context, caller=caller)
    return replace(customer, id=pk, context=context, ids={**customer.ids, CUSTOMERS.name: [pk]})


def numbered(first: int) -> Callable[[], str]:
    """What gives the same ids each time it is made."""
    numbers = count(first)
    return lambda: str(UUID(int=(7 << 76) + (2 << 62) + next(numbers)))
