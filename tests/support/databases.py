"""The kinds of database that tests run on: each is described in one value.

`PORTVAKT_TEST_DATABASE=package.module:NAME` names the description of one more, and every test in
which a database has a say runs on that one too.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from importlib import import_module
from pathlib import Path

import pytest

from tests.support.database_kind import DatabaseKind
from tests.support.postgres import fresh_database


@contextmanager
def _sqlite(_: pytest.FixtureRequest, folder: Path) -> Iterator[str]:
    # A file that is not there yet: SQLite takes it for an empty database.
    yield f"sqlite:///{(folder / 'portvakt.db').absolute()}"


@contextmanager
def _postgresql(request: pytest.FixtureRequest, _: Path) -> Iterator[str]:
    with fresh_database(request.getfixturevalue("postgres_url")) as url:
        yield url


def _named(place: str) -> DatabaseKind:
    """The description at a `package.module:NAME`."""
    module, _, name = place.partition(":")
    kind: DatabaseKind = getattr(import_module(module), name)
    return kind


KINDS = {
    kind.name: kind
    for kind in (
        DatabaseKind("sqlite", "sqlite", _sqlite),
        DatabaseKind("postgresql", "postgresql", _postgresql),
        *map(_named, filter(None, [os.environ.get("PORTVAKT_TEST_DATABASE")])),
    )
}
DATABASES = list(KINDS)
"""Their names: the parameters of fixtures."""


def empty_database(request: pytest.FixtureRequest, folder: Path) -> AbstractContextManager[str]:
    """The URL of an empty database of the kind that a fixture's parameter names, for a block."""
    return KINDS[request.param].empty(request, folder)
