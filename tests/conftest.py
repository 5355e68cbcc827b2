"""Fixtures for every test: databases to work with.

Run by several processes (`pytest -n 2`), the tests share one PostgreSQL cluster, which the first
process starts before the others. Run by one, the cluster starts with the first test that needs it.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import hypothesis
import pytest

from tests.support import connections, servers
from tests.support.databases import DATABASES, empty_database
from tests.support.postgres import NoPostgresql, cluster, drop_kept, fresh_database

pytest_plugins = ["tests.support.server_fixtures", "tests.support.store_fixtures"]

URL = "postgres_url"
MISSING = "postgres_missing"
SHARED = pytest.StashKey[dict[str, str]]()

# How long examples take says something of the machine and its load, nothing of the code.
hypothesis.settings.register_profile(
    "portvakt", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("portvakt")

MakeDatabase = Callable[..., str]


connections.watch()

# --- one cluster for all processes ----------------------------------------------------------------


def pytest_configure(config: pytest.Config) -> None:
    """Start the cluster that the test processes will share; it stops however the run ends.

    Everything runs in a zone that isn't UTC, so that nothing depends on the machine's.
    """
    os.environ["TZ"] = "Europe/Stockholm"
    time.tzset()
    if hasattr(config, "workerinput") or not config.getoption("numprocesses", None):
        return
    stack = ExitStack()
    config.add_cleanup(stack.close)
    try:
        config.stash[SHARED] = {URL: stack.enter_context(cluster())}
    except NoPostgresql as error:  # for the tests that need it; the others can run
        config.stash[SHARED] = {MISSING: str(error)}


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell a test process, before it starts, where the shared cluster is."""
    node.workerinput.update(node.config.stash[SHARED])


@pytest.fixture(scope="session")
def postgres_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """The URL of a PostgreSQL server on which databases may be created."""
    shared: dict[str, str] = getattr(request.config, "workerinput", {})
    if MISSING in shared:
        pytest.fail(shared[MISSING], pytrace=False)
    if URL in shared:
        yield shared[URL]
        drop_kept(shared[URL])
        return
    with ExitStack() as stack:
        try:
            url = stack.enter_context(cluster())
        except NoPostgresql as error:
            pytest.fail(str(error), pytrace=False)
        yield url
        drop_kept(url)


# --- what a test costs ----------------------------------------------------------------------------


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what `make test-fast` leaves out, besides what is marked slow."""
    for item in items:
        if isinstance(item, pytest.Function):
            for mark in _costs(item):
                item.add_marker(mark)


def _costs(test: pytest.Function) -> Iterator[str]:
    """The marks of a test, by what it uses."""
    callspec = getattr(test, "callspec", None)
    parameters = set(map(str, callspec.params.values())) if callspec else set()
    if parameters & {*DATABASES[1:]} or {URL, "cluster"} & {*test.fixturenames}:
        yield "other_database"
    named = vars(test.module).values()
    if "server" in test.fixturenames or any(
        getattr(one, "__module__", None) == servers.__name__ for one in named
    ):
        yield "process"
    if getattr(test.obj, "is_hypothesis_test", False):
        yield "random"


# --- databases ------------------------------------------------------------------------------------


@pytest.fixture
def make_postgres_database(postgres_url: str) -> Iterator[MakeDatabase]:
    """Creates databases: call it, with the URL of a `template` or without; gives a URL."""
    with ExitStack() as stack:
        yield lambda template=None: stack.enter_context(fresh_database(postgres_url, template))


@pytest.fixture
def postgres_database(postgres_url: str) -> Iterator[str]:
    """The URL of an empty PostgreSQL database for one test."""
    with fresh_database(postgres_url) as url:
        yield url


@pytest.fixture(scope="module")
def module_postgres_database(postgres_url: str) -> Iterator[str]:
    """The URL of a PostgreSQL database for the tests of one file; empty at the first."""
    with fresh_database(postgres_url) as url:
        yield url


@pytest.fixture(params=DATABASES)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of an empty database for one test: the test runs on each kind."""
    with empty_database(request, tmp_path) as url:
        yield url


@pytest.fixture(scope="module", params=DATABASES)
def module_database_url(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """The URL of a database for the tests of one file, which run on each kind."""
    with empty_database(request, tmp_path_factory.mktemp("database")) as url:
        yield url
