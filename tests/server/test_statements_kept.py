"""PostgreSQL parses and plans a statement once a connection, not once a request."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from portvakt.resources import load
from portvakt.storage.databases.postgresql_marks import PLANNED_ANEW
from tests.support.beside_servers import EVERYTHING, grant
from tests.support.examples import ANSWERS, CONNECTIONS, example
from tests.support.people import operator
from tests.support.postgresql_cluster import Cluster
from tests.support.servers import Server, seed, serve
from tests.support.stored import run

UNNAMED = re.compile(r"LOG:  execute <unnamed>: (.*)")
LISTS = ("", "?_page=1&_page_size=3", "?_jsonl=true", "?_statistics=true", "?_slim=true&_limit=2")
PATHS = [
    f"{resource.path}list/{query}"
    for resource in load().offered
    if not resource.platform
    for query in LISTS
]


@pytest.fixture(scope="module")
def logging() -> Iterator[Cluster]:
    """A PostgreSQL that logs every statement, and under which name it is kept."""
    made = Cluster({"log_statement": "all", "log_min_messages": "log"})
    try:
        made.start()
        yield made
    finally:
        made.remove()


@pytest.fixture(scope="module")
def server(logging: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server on it."""
    folder: Path = tmp_path_factory.mktemp("kept")
    seeded = seed(folder, logging.url)
    version = seeded.customers[0].headers["X-PIGELLO-SERVICE-VERSION-ID"]
    run(grant(logging.url, version, EVERYTHING))
    with serve(folder, logging.url, seeded.keys) as running:
        running.customers, running.operator = seeded.customers, seeded.operator
        yield running


def read(client: httpx.Client) -> None:
    """Each kind of list of each resource."""
    for path in PATHS:
        assert client.get(path).status_code in (200, 403), path


def change(client: httpx.Client) -> None:
    """Each kind of write of id connections and answers."""
    for resource in (ANSWERS, CONNECTIONS):
        body = example(resource)
        item = client.post(resource.path, json=body).json()
        path = f"{resource.path}{item['id']}/"
        assert client.get(path).status_code == 200
        assert client.patch(path, json={"custom_id": "x"}).status_code == 200
        bulk = [{"id": item["id"], "custom_id": "y"}]
        assert client.post(f"{resource.path}list/", json=bulk).status_code == 200
        assert client.post(f"{resource.path}list/?_dry_run=true", json=bulk).status_code == 200
        assert client.delete(path).status_code == 204


def test_no_statement_is_prepared_for_one_request(server: Server, logging: Cluster) -> None:
    """Of an integration or an operator, long or short: each has a name, under which it is kept."""
    before = len(logging.log())
    with server.client() as client:
        read(client)
        change(client)
    with server.client(None) as client:
        client.headers.update(operator(server, 0))
        read(client)
    log = logging.log()[before:]
    assert log.count("LOG:  execute __asyncpg_stmt_") > len(PATHS)
    unnamed = [text for text in UNNAMED.findall(log) if not text.startswith(PLANNED_ANEW)]
    assert unnamed == []
