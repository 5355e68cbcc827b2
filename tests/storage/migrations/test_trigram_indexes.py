"""What an index of trigrams finds is what is found without one; and how the indexes are made."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import Any
from urllib.parse import urlsplit

import pytest
import pytest_asyncio
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from portvakt.operations.reading import read
from portvakt.resources import load
from portvakt.schema.query import Filter, Page, Query
from portvakt.schema.values import fold
from portvakt.storage.databases.opening import open_database
from portvakt.storage.databases.postgresql_marks import TRIGRAM_PREFIX
from portvakt.storage.migrations.migrate import prepare
from portvakt.storage.migrations.trigram_indexes import EXTENSIONS, make_indexes
from portvakt.storage.statements.trigrams import index_name, indexed
from portvakt.storage.store import Store
from tests.support import naive
from tests.support.postgres import database_name, query
from tests.support.stores import (
    TENANT,
    Customer,
    insert,
    moment,
    two_customers,
)

pytestmark = pytest.mark.asyncio(loop_scope="module")

SIGNS = "aAbB19åÅßſΣσςİıiIéǅ日𝔘%_\\'\"*-.@ "  # noqa: RUF001 (letters that look alike)
FIELDS = ("first_name", "last_name", "custom_id")
OPERATORS = ("contains", "icontains", "endswith", "iendswith")
NAMES = {index_name(resource) for resource in indexed(load())}


def texts(random: Random) -> str:
    """A text in which parts come up again and again."""
    parts = (
        "Straße",
        "STRASSE",
        "100%",
        "a_b",
        "c:\\",
        "ΣΊΣΥΦΟΣ",
        "A\u030asa O\u0308berg",
        "åsa öberg",
        "İstanbul",
        "istanbul",
        "O'Hara",
    )
    own = "".join(random.choices(SIGNS, k=random.randrange(1, 9)))
    return random.choice(parts) + own if random.random() < 0.5 else own + own


@dataclass(frozen=True)
class People:
    """Tenants of a customer with random texts; as many of another one stand beside."""

    customer: Customer
    items: Sequence[naive.Item]

    async def found(self, asked: Query) -> list[str]:
        """The ids that a list answers."""
        everything = replace(asked, page=Page(1, 10_000), slim=True)
        return [
            item["id"] for item in (await read.page(self.customer.own, TENANT, everything)).items
        ]

    def expected(self, asked: Query) -> list[str]:
        """Those that it must answer."""
        return [item["id"] for item in naive.listed(TENANT, self.items, asked)]


def has_extensions(url: str) -> bool:
    """Whether this PostgreSQL has what the indexes need."""
    available = "SELECT count(*) FROM pg_available_extensions WHERE name = ANY('{%s}')"
    return query(url, available % ",".join(EXTENSIONS)) == [(len(EXTENSIONS),)]


def leave_one_way(url: str) -> None:
    """Let PostgreSQL find tenants by the index of trigrams alone, however few there are."""
    query(url, f'ALTER DATABASE "{database_name(url)}" SET enable_seqscan = off')
    keys = "SELECT conname FROM pg_constraint WHERE contype IN ('p', 'u') AND conrelid = "
    for (name,) in query(url, f"{keys} 'accounts_tenant'::regclass"):
        query(url, f"ALTER TABLE accounts_tenant DROP CONSTRAINT {name} CASCADE")
    others = "SELECT indexname FROM pg_indexes WHERE tablename = 'accounts_tenant'"
    for (name,) in query(url, f"{others} AND NOT starts_with(indexname, '{TRIGRAM_PREFIX}')"):
        query(url, f"DROP INDEX {name}")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def people(module_database_url: str) -> AsyncIterator[People]:
    """On each database, with indexes where there can be any."""
    url = module_database_url
    await prepare(url, load(), moment())
    said = await make_indexes(url, load())
    database = await open_database(url, synchronous="NORMAL")
    assert ("on PostgreSQL alone" in said[0]) is (database.name != "postgresql")
    store = Store(database, load())
    random = Random(38)
    customer, stranger = await two_customers(store)
    for other in (customer, stranger):
        rows: list[naive.Item] = [{name: texts(random) for name in FIELDS} for _ in range(150)]
        rows.append({"first_name": "null"})
        await insert(store, TENANT, rows, other.id)
    items = (await read.page(customer.own, TENANT, Query())).items
    if database.name == "postgresql":
        leave_one_way(url)
        await database.close()
        await database.open()
    yield People(customer, [_clean(item) for item in items])
    await database.close()


def _clean(item: dict[str, Any]) -> naive.Item:
    references = {name: item[name] and item[name]["id"] for name in TENANT.targets if item[name]}
    return {**item, **references, "realestates": []}


@st.composite
def parts(draw: st.DrawFn, items: Sequence[naive.Item]) -> str:
    """A part of a stored text, perhaps in another case; or any text."""
    text = draw(st.sampled_from(items))[draw(st.sampled_from(FIELDS))] or "null"
    begin = draw(st.integers(0, len(text) - 1))
    part = text[begin : begin + draw(st.integers(1, 9))]
    cases = [part, part.upper(), part.lower(), part.swapcase()]
    return draw(st.one_of(st.sampled_from(cases), st.text(SIGNS)))


@given(data=st.data())
@settings(
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.generate, Phase.shrink],
    max_examples=120,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
async def test_parts_are_found_with_an_index_as_without(
    people: People, data: st.DataObject
) -> None:
    """Whatever signs a part has, the items that contain it are found, and no others."""
    part = data.draw(parts(people.items))
    words = tuple(fold(word) for word in part.split())
    field = data.draw(st.sampled_from(FIELDS))
    filters = [Filter(field, operator, no, part) for operator in OPERATORS for no in (False, True)]
    for asked in (*(Query(filters=(one,)) for one in filters), Query(search=words)):
        assert await people.found(asked) == people.expected(asked), asked


@pytest.mark.parametrize("asked", [Query(search=("istanbul",)), Query(search=("日a", "strasse"))])
async def test_a_search_reads_the_index(
    people: People, asked: Query, module_database_url: str
) -> None:
    """Where PostgreSQL has the extensions, its plan for a search begins at the index."""
    context = people.customer.own
    store = context.store
    access = context.access(TENANT)
    statement = store.statements.rows.listing(TENANT, replace(asked, page=Page(1, 10)), access)
    values = context.bind(statement, store.query_values(TENANT, replace(asked, page=Page(1, 10))))
    explain = "EXPLAIN QUERY PLAN " if store.dialect.name == "sqlite" else "EXPLAIN "
    plan = str(await store.database.fetch(explain + statement.text, values))
    expected = store.dialect.name == "postgresql" and has_extensions(module_database_url)
    assert (index_name(TENANT) in plan) is expected
    assert store.database.trigrams == (NAMES if expected else set())


# --- how they are made ---------------------------------------------------------------------------


async def test_indexes_are_made_when_they_can_be(postgres_database: str) -> None:
    """Without the extension, or the right to it, a database works; later the rest is made up."""
    url, name = postgres_database, index_name(TENANT)
    await prepare(url, load(), moment())
    role = database_name(url)
    query(url, f"CREATE ROLE {role} LOGIN")
    parts = urlsplit(url)
    theirs = parts._replace(netloc=f"{role}@{parts.hostname}:{parts.port}").geturl()
    try:
        (refused,) = await make_indexes(theirs, load())
        assert "extension pg_trgm" in refused
        assert await names(url) == set()
        if not has_extensions(url):
            assert "PostgreSQL has no extension" in refused
            return
        assert "may not create" in refused
        assert set(await make_indexes(url, load())) == {f"index {one}" for one in NAMES}
        assert await make_indexes(theirs, load()) == []
        query(url, f"UPDATE pg_index SET indisvalid = false WHERE indexrelid = '{name}'::regclass")
        query(url, "CREATE INDEX tx_tenant_of_before ON accounts_tenant (customer_id)")
        assert await names(url) == {*NAMES, "tx_tenant_of_before"} - {name}
        (refused,) = await make_indexes(theirs, load())
        assert "owner" in refused
        assert await make_indexes(url, load()) == [f"index {name}"]
        assert await names(url) == NAMES
    finally:
        query(url, f"DROP ROLE {role}")


async def names(url: str) -> set[str]:
    """The indexes that a server would use."""
    database = await open_database(url, pool_size=1)
    await database.close()
    return set(database.trigrams)
