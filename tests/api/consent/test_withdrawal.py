"""A withdrawn answer counts for every read that starts after its commit, on every process."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from tests.support import stored
from tests.support.beside_servers import EVERYTHING, grant
from tests.support.examples import samples
from tests.support.servers import Server, seed, serve

ANSWERS = "/integrations/answeredintegrationpersonalinformationaccess/"
TENANTS = "/accounts/users/customer/tenant/"
READERS = 4
ROUNDS = 6


@pytest.fixture(scope="module")
def processes(
    module_postgres_database: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    """A server of two processes, whose first integration sees only who has said yes."""
    url = module_postgres_database
    seeded = seed(tmp_path_factory.mktemp("seed"), url)
    integration = samples().customers[0].first_integration
    stored.run(grant(url, integration["service_version_id"], EVERYTHING, mode=2))
    folder = tmp_path_factory.mktemp("serve")
    with serve(folder, url, seeded.keys, workers=2) as server:
        server.customers = seeded.customers
        yield server


class Readers:
    """Reads one tenant again and again; notes when each read began, and whether it told a name.

    Each reader keeps what it was answered last, and asks only for what is something else: a 304
    tells what was kept.
    """

    def __init__(self, server: Server, tenant: str) -> None:
        self.path = f"{TENANTS}{tenant}/"
        self.server = server
        self.done = threading.Event()
        self.reads: list[tuple[float, float, bool]] = []
        self.spared = 0

    def run(self) -> None:
        """Read until told to stop, on a connection of its own."""
        tag, item = "", {}
        with self.server.client() as client:
            while not self.done.is_set():
                began = time.monotonic()
                kept = {"If-None-Match": tag} if tag else {}
                answer = client.get(self.path, headers=kept)
                assert answer.status_code in (200, 304), answer.text
                if answer.status_code == httpx.codes.OK:
                    tag, item = answer.headers["ETag"], answer.json()
                else:
                    self.spared += 1
                told = any(item[name] for name in ("first_name", "last_name", "corporate_name"))
                self.reads.append((began, time.monotonic(), told))


def say(client: httpx.Client, tenant: str) -> str:
    """A new yes of the tenant; its path."""
    body = {
        "answer": True,
        "integration": {"id": samples().customers[0].first_integration["id"]},
        "answered_by_tenant": {"id": tenant},
    }
    answer = client.post(ANSWERS, json=body)
    assert answer.status_code == 201, answer.text
    return f"{ANSWERS}{answer.json()['id']}/"


def a_tenant(client: httpx.Client) -> str:
    """A tenant who forbids nothing and has no answer."""
    listed = client.get(f"{TENANTS}list/").json()
    answered = {
        item["answered_by_tenant"]["id"]
        for item in client.get(f"{ANSWERS}list/").json()
        if item["answered_by_tenant"]
    }
    flag = "allows_external_personal_information_sharing"
    return str(next(i["id"] for i in listed if i[flag] is not False and i["id"] not in answered))


@pytest.mark.slow
def test_no_read_after_a_withdrawal_tells_anything(processes: Server) -> None:
    """A yes is given, withdrawn by a no or by deleting it, over and over, while others read."""
    with processes.client() as client, ThreadPoolExecutor(READERS) as pool:
        tenant = a_tenant(client)
        readers = Readers(processes, tenant)
        running = [pool.submit(readers.run) for _ in range(READERS)]
        denied: list[tuple[float, float]] = []
        try:
            for number in range(ROUNDS):
                given = say(client, tenant)
                time.sleep(0.1)
                if number % 2:
                    assert client.delete(given).status_code == 204
                else:
                    assert client.patch(given, json={"answer": False}).status_code == 200
                since = time.monotonic()
                time.sleep(0.1)
                denied.append((since, time.monotonic()))
        finally:
            readers.done.set()
        for one in running:
            one.result()
    assert any(told for _, _, told in readers.reads)
    assert readers.spared
    for since, until in denied:
        late = [told for began, ended, told in readers.reads if since < began and ended < until]
        assert late
        assert not any(late)
