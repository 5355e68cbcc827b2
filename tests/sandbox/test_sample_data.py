"""What holds for the sample data: that it is right, and that seeding it is safe."""

from __future__ import annotations

import asyncio
import re
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
import pytest_asyncio

from portvakt.errors import IntegrityViolation
from portvakt.resources import load
from portvakt.resources.accounts.integration_user_agent import LEVELS
from portvakt.sandbox.data import KINDS, SampleCustomer, sample_data, seed
from portvakt.sandbox.ids import END
from portvakt.schema.validation import merged_faults, parse_body
from portvakt.schema.values import render_time
from portvakt.storage.databases.opening import open_database
from portvakt.storage.migrations.migrate import prepare
from portvakt.storage.sql.rows import render_item
from portvakt.storage.sql.tables import table_name
from portvakt.storage.store import Store

NOW = "2026-11-23T10:00:00.000000Z"
LATER = "2026-11-24T10:00:00.000000Z"

DATA = sample_data(load())
CUSTOMERS = pytest.mark.parametrize("customer", DATA.customers, ids=lambda each: each.name)


@pytest_asyncio.fixture
async def store(database_url: str) -> AsyncIterator[Store]:
    """A migrated database without customers, on each kind."""
    await prepare(database_url, load(), NOW)
    database = await open_database(database_url)
    yield Store(database, load())
    await database.close()


def all_items() -> Iterator[tuple[str, dict[str, Any]]]:
    """Every item of the sample data with the name of its resource."""
    for items in (DATA.platform, *(customer.items for customer in DATA.customers)):
        for name, given in items.items():
            yield from ((name, item) for item in given)


async def rows(store: Store, name: str) -> list[tuple[Any, ...]]:
    """All rows of a resource's table."""
    table = table_name(store.registry.resources[name])
    found = await store.database.fetch(f"SELECT * FROM {table} ORDER BY id")
    return [tuple(row) for row in found]


async def everything(store: Store) -> dict[str, list[tuple[Any, ...]]]:
    """All rows of all tables."""
    return {name: await rows(store, name) for name in store.registry.resources}


async def execute(store: Store, *statements: str) -> None:
    """Run statements in one transaction."""
    async with store.database.transaction() as connection:
        for statement in statements:
            await connection.execute(statement)


# --- the data --------------------------------------------------------------------------------


def test_every_item_passes_its_resources_own_validation() -> None:
    """Each could be sent as a body, and each is complete."""
    for name, item in all_items():
        resource = load().resources[name]
        body = parse_body(resource, render_item(resource, item))
        assert body.faults == [], item
        assert merged_faults(resource, item, set()) == [], item
        assert {field: item[field] for field in body.given} == body.given
        assert set(item) == {field.name for field in resource.fields}


def test_the_data_is_the_same_in_every_process() -> None:
    """No clock, no chance and no order of a set goes into it."""
    code = (
        "from portvakt.sandbox.data import sample_data;"
        "from portvakt.resources import load; print(ascii(sample_data(load())))"
    )
    command = [sys.executable, "-c", code]
    environment = {"PYTHONPATH": ":".join(sys.path), "PYTHONHASHSEED": "1"}
    shown = subprocess.run(command, check=True, capture_output=True, text=True, env=environment)
    assert shown.stdout.strip() == ascii(DATA)


def test_no_two_items_have_one_id() -> None:
    """An id names one item, whatever its resource and customer."""
    ids = [item["id"] for _, item in all_items()]
    assert len(ids) == len(set(ids))


def test_everything_was_created_in_the_year_before_the_end() -> None:
    """Times lie apart, within a year, and none is later than the end."""
    times = sorted(item["created_at"] for _, item in all_items())
    assert render_time(END.replace(year=END.year - 1)) <= times[0]
    assert times[-1] < render_time(END)
    assert len(set(times)) == len(times)


def test_numbers_and_addresses_belong_to_nobody() -> None:
    """Telephone numbers are set aside for fiction, e-mail domains for examples."""
    persons = [item for name, item in all_items() if name.startswith("accounts.")]
    numbers = {item["phone_number"] for item in persons if item.get("phone_number")}
    addresses = {item["email"] for item in persons if item.get("email")}
    assert len(numbers) > 50
    assert all(
        46701740605 <= int(number) <= 46701740699 or 46846500400 <= int(number) <= 46846500499
        for number in numbers
    )
    assert len(addresses) > 90
    assert all(re.search(r"[@.]example\.(se|com)$", address) for address in addresses)


@CUSTOMERS
def test_a_customer_has_some_of_everything(customer: SampleCustomer) -> None:
    """Enough of each kind to try lists, filters and pages with."""
    found = {kind: len(customer.of_kind(kind)) for kind in KINDS}
    assert found == {
        "organization": 3,
        "company": 2,
        "real_estate": 5,
        "segment": 2,
        "role": 3,
        "address": 8,
        "organization_user": 12,
        "membership": 6,
        "tenant": 60,
        "sub_tenant": 30,
        "household": 30,
        "protected_identity": 2,
        "integration": 9,
        "notice": 3,
        "answer": 120,
        "id_connection": 80,
    }
    modes = {
        each["personal_information_acceptance_mode"] for each in customer.of_kind("integration")
    }
    assert modes == {0, 1, 2, None}
    assert [each["is_active"] for each in customer.of_kind("integration")].count(False) == 1
    assert {each["answer"] for each in customer.of_kind("answer")} == {True, False}
    assert {each["hidden"] for each in customer.of_kind("id_connection")} == {True, False}
    companies = [each for each in customer.of_kind("tenant") if each["corporate_name"]]
    assert 0 < len(companies) < 10


@CUSTOMERS
def test_answers_reach_every_kind_of_person_and_every_integration(
    customer: SampleCustomer,
) -> None:
    """There are answers of all three kinds, to all on organizations, and some were changed."""
    answers = customer.of_kind("answer")
    fields = ("answered_by_tenant", "answered_by_sub_tenant", "answered_by_organization_user")
    assert all(any(answer[field] for answer in answers) for field in fields)
    assert {answer["integration"] for answer in answers} == set(customer.ids("integration")[:5])
    pairs = {(a["integration"], *(a[field] for field in fields)) for a in answers}
    assert len(pairs) == len(answers) - 6


@CUSTOMERS
def test_every_reference_leads_to_an_item_of_the_same_customer(customer: SampleCustomer) -> None:
    """Also those that the database can't check, where Portvakt holds the resource."""
    registry = load()
    known = {name: {item["id"] for item in items} for name, items in DATA.platform.items()}
    known |= {name: {item["id"] for item in items} for name, items in customer.items.items()}
    known["platform.contenttype"] = set(registry.content_types)
    for name, items in customer.items.items():
        resource = registry.resources[name]
        for item in items:
            for reference in resource.references:
                assert item[reference.name] in {None, *known[reference.target]}
            for link in resource.links:
                assert set(item[link.name]) <= known[link.target]
            for kind, pk in resource.generic_references:
                held = registry.resource_of(item[kind])
                assert held is None or item[pk] in known[held.name]


@CUSTOMERS
def test_tenants_rent_in_real_estates(customer: SampleCustomer) -> None:
    """In none, one or two; every real estate has tenants and is in a segment."""
    rented = [each["realestates"] for each in customer.of_kind("tenant")]
    assert {len(ids) for ids in rented} == {0, 1, 2}
    assert {pk for ids in rented for pk in ids} == set(customer.ids("real_estate"))
    grouped = [set(each["realestates"]) for each in customer.of_kind("segment")]
    assert set.union(*grouped) == set(customer.ids("real_estate"))
    assert set.intersection(*grouped)


@CUSTOMERS
def test_an_integration_activates_a_version_of_a_service_of_an_application(
    customer: SampleCustomer,
) -> None:
    """Its three ids belong together, and it is activated on what the service's level says."""
    services = {item["id"]: item for item in DATA.platform["platform.service"]}
    versions = {item["id"]: item for item in DATA.platform["platform.serviceversion"]}
    for integration in customer.of_kind("integration"):
        service = services[versions[integration["service_version_id"]]["service"]]
        assert integration["service_id"] == service["id"]
        assert integration["application_id"] == service["application"]
        assert integration["activation_content_type"] == service["level"]
        level = load().content_types[integration["activation_content_type"]]
        objects = {item["id"] for item in customer.items[level]}
        assert integration["activation_object_id"] in objects


@CUSTOMERS
def test_there_are_integrations_of_every_level(customer: SampleCustomer) -> None:
    """Each level has an active one; one is suspended, one is of a deprecated version."""
    states = {item["id"]: item["state"] for item in DATA.platform["platform.serviceversion"]}
    found = customer.of_kind("integration")
    levels = {
        load().content_types[item["activation_content_type"]] for item in found if item["is_active"]
    }
    assert levels == {*LEVELS}
    assert [item["is_active"] for item in found].count(False) == 1
    assert [states[item["service_version_id"]] for item in found].count("deprecated") == 1


def test_each_application_has_services_with_several_versions() -> None:
    """So that one can be left for the next."""
    applications = {item["id"]: item["application"] for item in DATA.platform["platform.service"]}
    several = {
        applications[item["service"]]
        for item in DATA.platform["platform.serviceversion"]
        if item["number"] > 1
    }
    assert several == {item["id"] for item in DATA.platform["platform.application"]}


@CUSTOMERS
def test_the_first_integration_is_worth_showing(customer: SampleCustomer) -> None:
    """It is active, its version asks for personal information, and persons have to answer."""
    versions = {item["id"]: item for item in DATA.platform["platform.serviceversion"]}
    first = customer.first_integration
    assert first["is_active"]
    assert first["personal_information_acceptance_mode"] == 2
    assert versions[first["service_version_id"]]["require_personal_information_access"]
    answers = [each for each in customer.of_kind("answer") if each["integration"] == first["id"]]
    assert {each["answer"] for each in answers} == {True, False}


def test_both_customers_use_the_same_ids_of_their_own() -> None:
    """What is the same in both shows that neither sees the other's items."""
    one, other = DATA.customers
    for kind, field in (("tenant", "custom_id"), ("id_connection", "external_id")):
        values = [{item[field] for item in each.of_kind(kind)} for each in (one, other)]
        assert len((values[0] & values[1]) - {None}) > 10


# --- seeding ---------------------------------------------------------------------------------


async def test_seeding_inserts_every_item(store: Store) -> None:
    """Afterwards the database holds the sample data and nothing else."""
    assert await seed(store, NOW) == len(list(all_items()))
    for name in {name for name, _ in all_items()}:
        ids = {item["id"] for of, item in all_items() if of == name}
        table = table_name(store.registry.resources[name])
        found = await store.database.fetch(f"SELECT id FROM {table}")
        assert {str(row[0]) for row in found} == ids


async def test_seeding_twice_changes_nothing(store: Store) -> None:
    """The second time finds the customers and leaves them."""
    await seed(store, NOW)
    before = await everything(store)
    assert await seed(store, LATER) == 0
    assert await everything(store) == before


async def test_what_users_changed_or_deleted_stays_so(store: Store) -> None:
    """Neither a deleted item comes back nor is a changed one put right."""
    await seed(store, NOW)
    await execute(
        store,
        "DELETE FROM integrations_answeredintegrationpersonalinformationaccess",
        "UPDATE accounts_tenant SET first_name = 'Någon'",
        "UPDATE platform_application SET name = name || '!', name_folded = name_folded || '!'",
    )
    before = await everything(store)
    assert await seed(store, LATER) == 0
    assert await everything(store) == before


async def test_a_missing_customer_is_added_to_the_other(store: Store) -> None:
    """The platform's items and the customer that are there are used as they are."""
    await seed(store, NOW)
    gone = DATA.customers[1]
    for name in reversed(gone.items):
        table = table_name(store.registry.resources[name])
        column = "id" if name == "platform.customer" else "customer_id"
        versions = [store.tables.versions[name].name] if name in store.tables.versions else []
        for each in (*versions, table):
            await execute(store, f"DELETE FROM {each} WHERE {column} = '{gone.id}'")
    assert await seed(store, LATER) == sum(map(len, gone.items.values()))


async def test_two_may_seed_at_once(store: Store) -> None:
    """Whoever is slower finds the customers there."""
    taken = await asyncio.gather(seed(store, NOW), seed(store, NOW))
    assert sorted(taken) == [0, len(list(all_items()))]


async def test_a_seed_that_fails_leaves_nothing_behind(store: Store) -> None:
    """One transaction: all customers or none."""
    name = DATA.platform["platform.application"][1]["name"]
    await execute(
        store,
        "INSERT INTO platform_application"
        " (id, name, visibility, created_at, name_folded, visibility_folded, updated_at, revision)"
        f" VALUES ('11111111-1111-4111-8111-111111111111', '{name}', 'draft', '{NOW}', 'x',"
        f" 'draft', '{NOW}', 1)",
    )
    before = await everything(store)
    with pytest.raises(IntegrityViolation, match="uq_application_name"):
        await seed(store, NOW)
    assert await everything(store) == before
