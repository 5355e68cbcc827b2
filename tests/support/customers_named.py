"""Which tables of customers' rows a statement reads without naming the customer."""

from __future__ import annotations

import re
from collections.abc import Iterator

from portvakt.resources import load
from portvakt.storage.sql.tables import CUSTOMER, Tables

REGISTRY = load()
TABLES = Tables(REGISTRY)
OF_CUSTOMERS = sorted(
    (table.name for table in TABLES.metadata.sorted_tables if CUSTOMER in table.c),
    key=len,
    reverse=True,
)

ACROSS = {
    "Seals.any_since": "asks, without a transaction, whether any customer has unsealed events",
    "Seals.look": "takes the next unsealed events of all customers, who are sealed in one turn",
    "Seals.customers": "lists the chains there are, for who verifies the whole ledger",
    "Events.insert": "takes the next number of arrival, which all customers share",
    "IdempotencyKeys.any_over": "lists keys that are over, each deleted of its own customer",
    "Seals.heads": "reads the heads of those customers whose events one look found",
}
"""What looks at more than one customer, and why: statements on resources, and on the ledger.

Each is needed and there are no others: that is tested below and in `tests/storage/row_security/`.
"""

ONLY_SQLITE = {"Events.insert"}
"""What is so on SQLite alone."""

USED = re.compile(
    rf"(?:\b(?:FROM|JOIN|INTO|UPDATE)|,)\s+({'|'.join(OF_CUSTOMERS)})\b(?!\.)(?:\s+(?:AS\s+)?"
    r"(?!(?:WHERE|SET|ON|JOIN|LEFT|ORDER|GROUP|LIMIT|UNION|FOR|AS)\b)([a-z]\w*))?"
)
INSERTED = re.compile(rf"INSERT INTO \w+ \({CUSTOMER}\b")
NOTHING = re.compile(r"WHERE (?:false|0 = 1)\b")  # where no row can be meant, none is read


def unnamed(text: str) -> Iterator[str]:
    """The uses of customers' tables in a statement for which it doesn't name the customer.

    By a parameter and for each in its own right, not by way of another table: a database that is
    distributed finds out of both parts of a join which node is asked, but not of every subquery.
    """
    flat = " ".join(text.split())
    for used in USED.finditer(flat):
        name = used[2] or used[1]
        inserted = used[0].startswith("INTO")
        told = rf"{CUSTOMER} = (?:\$\d|\?|ANY\b)|{CUSTOMER} IN "
        named = rf"\b{name}\.(?:{told})|(?<![.\w])(?:{told})"
        named += rf"|FROM {name} (?:LEFT OUTER JOIN .*)?{NOTHING.pattern}"
        if inserted and INSERTED.search(flat):
            continue
        if inserted or not re.search(named, flat):
            yield name
