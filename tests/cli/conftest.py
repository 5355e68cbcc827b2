"""A seeded database on each kind, and the command line run in this process."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import pytest

from portvakt.access.credentials import new_key
from portvakt.app import clock, new_id
from portvakt.cli import main
from portvakt.operations.context import Context
from portvakt.operations.writing import write
from portvakt.operations.writing.changes import Bulk
from portvakt.resources import load
from portvakt.sandbox.data import seed
from portvakt.schema.caller import Caller
from portvakt.schema.caller_kinds import OPERATOR
from portvakt.storage.databases.opening import open_database
from portvakt.storage.migrations.migrate import prepare
from portvakt.storage.store import Store
from tests.cli.files import Count
from tests.support.command_line import Done, Portvakt

KEYS = f"1:{new_key()}"


CUSTOMERS = 60
"""More than the tests of a file need, one each."""


class Seeded(NamedTuple):
    """A database with the sample data, and customers that no test has used yet."""

    url: str
    unused: list[str]


@pytest.fixture(scope="module")
def seeded(module_database_url: str) -> Seeded:
    """Made once for the tests of a file, because a command alone takes a fifth of a second."""

    async def make() -> list[str]:
        await prepare(module_database_url, load(), clock())
        database = await open_database(module_database_url)
        try:
            store = Store(database, load())
            await seed(store, clock())
            return await _customers(store)
        finally:
            await database.close()

    return Seeded(module_database_url, asyncio.run(make()))


async def _customers(store: Store) -> list[str]:
    """The ids of new customers, each with the organizations NORTH and SOUTH."""
    resources = store.registry.resources
    caller = Caller(customer="", kind=OPERATOR)
    context = Context(store, caller, clock(), new_id, rechecked=False)
    names = [{"name": f"Example {number}"} for number in range(CUSTOMERS)]
    made = await write.bulk(context, resources["platform.customer"], names, Bulk())
    ids = [str(change.item["id"]) for change in made]
    places = [{"name": name.title(), "custom_id": name} for name in ("NORTH", "SOUTH")]
    for pk in ids:
        inside = replace(context, caller=replace(caller, customer=pk))
        await write.bulk(inside, resources["sales.organization"], places, Bulk())
    return ids


@pytest.fixture
def portvakt(
    seeded: Seeded, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Portvakt:
    """Runs a command on the seeded database."""
    monkeypatch.setenv("PORTVAKT_DATABASE", seeded.url)
    monkeypatch.setenv("PORTVAKT_CREDENTIAL_KEYS", KEYS)

    def run(*arguments: object) -> Done:
        monkeypatch.setattr(sys, "argv", ["portvakt", *map(str, arguments)])
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main.main()
        code = ended.value.code
        printed = capsys.readouterr()
        if isinstance(code, str):
            return Done(1, printed.out, printed.err + code)
        return Done(code or 0, printed.out, printed.err)

    return run


@pytest.fixture
def customer(seeded: Seeded) -> str:
    """The id of a new customer with the organizations NORTH and SOUTH."""
    return seeded.unused.pop()


@pytest.fixture
def count(portvakt: Portvakt, customer: str) -> Count:
    """Counts the customer's items of a resource that filters leave."""

    def run(name: str = "accounts.tenant", *filters: str) -> int:
        asked = ("item", "list", name, "_statistics=true", *filters, "--customer", customer)
        return int(portvakt(*asked).json["count"])

    return run


@pytest.fixture
def load_file(portvakt: Portvakt, customer: str) -> Callable[..., Done]:
    """Imports a file for the customer, and gives what is told as JSON."""

    def run(path: Path, *options: object) -> Done:
        return portvakt("import", path, "--customer", customer, "--json", *options)

    return run
