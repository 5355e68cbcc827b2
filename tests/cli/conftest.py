"""A seeded database on each kind, and the command line run in this process."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Callable
from dataclasses import replace
from typing import Any, NamedTuple

import pytest

from portvakt.access.credentials import new_key
from portvakt.app import clock, new_id
from portvakt.cli import main
from portvakt.cli.sample_data import seed
from portvakt.operations import write
from portvakt.operations.context import Context
from portvakt.resources import load
from portvakt.schema.resource import OPERATOR
from portvakt.schema.scope import Scope
from portvakt.storage.database import open_database
from portvakt.storage.migrate import prepare
from portvakt.storage.store import Store

KEYS = f"1:{new_key()}"


class Done(NamedTuple):
    """A command that has ended."""

    status: int
    output: str
    errors: str

    @property
    def json(self) -> Any:
        """Standard output as one JSON document."""
        return json.loads(self.output)


Portvakt = Callable[..., Done]


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
    scope = Scope(customer="", caller=OPERATOR)
    context = Context(store, scope, clock(), new_id, proven=False)
    names = [{"name": f"Example {number}"} for number in range(CUSTOMERS)]
    made = await write.bulk(context, resources["platform.customer"], names, write.Bulk())
    ids = [str(change.item["id"]) for change in made]
    places = [{"name": name.title(), "custom_id": name} for name in ("NORTH", "SOUTH")]
    for pk in ids:
        inside = replace(context, scope=replace(scope, customer=pk))
        await write.bulk(inside, resources["sales.organization"], places, write.Bulk())
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
