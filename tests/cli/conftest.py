"""A seeded database on each kind, and the command line run in this process."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Callable
from typing import Any, NamedTuple
from uuid import uuid4

import pytest

from portvakt.access.credentials import new_key
from portvakt.app import clock
from portvakt.cli import main
from portvakt.cli.sample_data import seed
from portvakt.resources import load
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


@pytest.fixture(scope="module")
def seeded(module_database_url: str) -> str:
    """The URL of a database with the sample data."""

    async def make() -> None:
        await prepare(module_database_url, load(), clock())
        database = await open_database(module_database_url)
        await seed(Store(database, load()), clock())
        await database.close()

    asyncio.run(make())
    return module_database_url


@pytest.fixture
def portvakt(
    seeded: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Portvakt:
    """Runs a command on the seeded database."""
    monkeypatch.setenv("PORTVAKT_DATABASE", seeded)
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
def customer(portvakt: Portvakt) -> str:
    """The id of a new customer with the organizations NORTH and SOUTH."""
    made = portvakt("item", "create", "platform.customer", f"name=Example {uuid4()}", "--id")
    pk = made.output.strip()
    for name in ("NORTH", "SOUTH"):
        named = (f"name={name.title()}", f"custom_id={name}", "--customer", pk)
        assert portvakt("item", "create", "sales.organization", *named).status == 0
    return pk
