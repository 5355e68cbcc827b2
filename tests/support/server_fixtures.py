"""Fixtures for tests over HTTP: a sandbox on each database, shared by all tests of a run.

Each test makes the items that it changes, and counts no others: the server is everybody's.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.support import stored
from tests.support.beside_servers import EVERYTHING, grant
from tests.support.databases import DATABASES, empty_database
from tests.support.examples import STOCK, samples
from tests.support.people import operator
from tests.support.servers import Server, sandbox


@pytest.fixture(scope="session", params=DATABASES)
def server_database(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """The URL of the database that the shared server works on: one of each kind in turn."""
    with empty_database(request, tmp_path_factory.mktemp("database")) as url:
        yield url


@pytest.fixture(scope="session")
def server(server_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A running sandbox, whose first integrations have all rights to all that integrations may."""
    with sandbox(tmp_path_factory.mktemp("server"), server_database) as running:
        version = samples().customers[0].first_integration["service_version_id"]
        stored.run(grant(server_database, version, EVERYTHING))
        with STOCK.of(running):
            yield running


@pytest.fixture(scope="session")
def client(server: Server) -> Iterator[httpx.Client]:
    """Calls as the first customer."""
    with server.client() as calling:
        yield calling


@pytest.fixture(scope="session")
def other_client(server: Server) -> Iterator[httpx.Client]:
    """Calls as the second customer."""
    with server.client(1) as calling:
        yield calling


@pytest.fixture(scope="session")
def operating(server: Server) -> Iterator[httpx.Client]:
    """Calls as the operator, for the first customer's data."""
    with server.client(None) as calling:
        calling.headers.update(operator(server, 0))
        yield calling


@pytest.fixture
def writing(
    request: pytest.FixtureRequest, client: httpx.Client, operating: httpx.Client
) -> httpx.Client:
    """Calls as who can create items of the test's resource: an integration, or else an operator."""
    resource = request.getfixturevalue("resource")
    return operating if resource.made_by_people else client


@pytest.fixture(scope="session")
def anonymous(server: Server) -> Iterator[httpx.Client]:
    """Calls without credentials but for those that a request brings."""
    with server.client(None) as calling:
        yield calling


@pytest.fixture
def fresh_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of an empty database for one test; parametrize it indirectly with a kind."""
    with empty_database(request, tmp_path) as url:
        yield url
