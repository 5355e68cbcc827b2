"""Server processes come and go: none of it cuts a request, and none of it lasts for ever."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.support.examples import ANSWERS, example
from tests.support.postgres import database_name, query
from tests.support.processes import (
    BOTH,
    LIST,
    POSTGRESQL,
    SQLITE,
    ask,
    begin_upload,
    eventually,
    folder,
    serving,
)
from tests.support.servers import STOP_SECONDS, Server, command, environment, seed, serve

pytestmark = pytest.mark.slow

SUPERVISE = """
import socket, sys
from portvakt.server.supervisor import Supervisor
sock = socket.create_server(("127.0.0.1", 0))
print("ready", flush=True)
sys.exit(0 if Supervisor(2, sock, 1).run() else 3)
"""


@contextmanager
def two_processes(url: str, tmp_path: Path) -> Iterator[tuple[Server, dict[str, str]]]:
    """A server that has two, and the headers of a caller."""
    seeded = seed(tmp_path, url)
    with serve(folder(tmp_path, "serve"), url, seeded.keys, workers=2) as server:
        assert eventually(lambda: len(serving(server)) == 2)
        yield server, seeded.customers[0].headers


@BOTH
def test_one_process_begins_anew(fresh_url: str, tmp_path: Path) -> None:
    """On SIGHUP it finishes what runs, and is then another program under the same number.

    Who connects meanwhile waits, and is answered.
    """
    seeded = seed(tmp_path, fresh_url)
    with serve(folder(tmp_path, "serve"), fresh_url, seeded.keys) as server:
        headers = seeded.customers[0].headers
        began = started(server.process.pid)
        for _ in range(2):
            body = json.dumps(example(ANSWERS, organization=None)).encode()
            upload = begin_upload(server, headers, body)
            time.sleep(0.3)
            server.process.send_signal(signal.SIGHUP)
            time.sleep(0.3)
            with ThreadPoolExecutor(1) as thread:
                waiting = thread.submit(patient, server, headers)
                time.sleep(0.3)
                upload.send(body[1:])
                assert upload.getresponse().status == 201
                upload.close()
                assert waiting.result() == 200  # by the new program
        assert started(server.process.pid) == began
        assert server.process.poll() is None


@SQLITE
def test_a_signal_in_any_moment_ends_nothing(fresh_url: str, tmp_path: Path) -> None:
    """Told again and again to begin anew, also while it does, a process goes on."""
    seeded = seed(tmp_path, fresh_url)
    with serve(folder(tmp_path, "serve"), fresh_url, seeded.keys) as server:
        for _ in range(20):
            server.process.send_signal(signal.SIGHUP)
            time.sleep(0.1)
        assert patient(server, seeded.customers[0].headers) == 200
        assert server.process.poll() is None


@POSTGRESQL
def test_kept_connections_are_answered(fresh_url: str, tmp_path: Path) -> None:
    """Who sends one request after the other on a connection loses none when all begins anew."""
    seeded = seed(tmp_path, fresh_url)
    with serve(folder(tmp_path, "serve"), fresh_url, seeded.keys) as server:
        ended = threading.Event()

        def statuses() -> set[int]:
            seen = set()
            with server.client(None) as client:
                while not ended.is_set():
                    seen.add(client.get("/health/live", timeout=60).status_code)
            return seen

        with ThreadPoolExecutor(8) as threads:
            asking = [threads.submit(statuses) for _ in range(8)]
            try:
                for _ in range(2):
                    time.sleep(0.3)
                    server.process.send_signal(signal.SIGHUP)
                    time.sleep(0.3)
                    assert patient(server, seeded.customers[0].headers) == 200  # by the new one
            finally:
                ended.set()
        assert [one.result() for one in asking] == [{200}] * 8


def patient(server: Server, headers: dict[str, str]) -> int:
    """The status of a page, however long it takes to start a server."""
    with server.client(None) as client:
        return client.get(f"{LIST}?_limit=1", headers=headers, timeout=60).status_code


def started(pid: int) -> str:
    """When a process began, by which another one of the same number would be told."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19]


@POSTGRESQL
def test_several_processes_are_replaced_one_by_one(fresh_url: str, tmp_path: Path) -> None:
    """On SIGHUP, each when its successor serves; no request fails meanwhile."""
    with two_processes(fresh_url, tmp_path) as (server, headers):
        before = serving(server)
        server.process.send_signal(signal.SIGHUP)
        statuses = set()

        def replaced() -> bool:
            statuses.add(ask(server, headers))
            return len(serving(server)) == 2 and not set(serving(server)) & set(before)

        assert eventually(replaced, 90)
        assert statuses == {200}
        os.kill(serving(server)[0], signal.SIGKILL)
        assert eventually(lambda: len(serving(server)) == 1, 5)
        assert eventually(lambda: len(serving(server)) == 2, 60)
    lines = (tmp_path / "serve" / "log").read_text().splitlines()
    assert "process ended" in {json.loads(line).get("event") for line in lines}


@POSTGRESQL
def test_processes_do_not_outlive_the_one_that_started_them(fresh_url: str, tmp_path: Path) -> None:
    """Killed, it leaves nobody who listens."""
    with two_processes(fresh_url, tmp_path) as (server, _):
        left = serving(server)
        os.kill(server.process.pid, signal.SIGKILL)
        assert eventually(lambda: not any(Path(f"/proc/{pid}/exe").exists() for pid in left), 30)
        server.kill()


@POSTGRESQL
def test_a_server_without_processes_ends(fresh_url: str, postgres_url: str, tmp_path: Path) -> None:
    """Where none is left and none can start, it says so by its status."""
    allowed = f"ALTER DATABASE {database_name(fresh_url)} ALLOW_CONNECTIONS"
    with (
        pytest.raises(AssertionError, match="ended with 1"),
        two_processes(fresh_url, tmp_path) as (server, _),
    ):
        query(postgres_url, f"{allowed} false")
        try:
            for pid in serving(server):
                os.kill(pid, signal.SIGKILL)
            server.process.wait(STOP_SECONDS)
        finally:
            query(postgres_url, f"{allowed} true")


@contextmanager
def supervisor(tmp_path: Path, database: str) -> Iterator[subprocess.Popen[str]]:
    """Two processes that are to serve a database, and what keeps them."""
    key = command(tmp_path, ["key"]).stdout.strip()
    with subprocess.Popen(
        [sys.executable, "-c", SUPERVISE],
        cwd=tmp_path,
        env=environment({"database": database, "credential_keys": f"1:{key}"}),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            assert process.stdout
            assert process.stdout.readline() == "ready\n"
            yield process
        finally:
            process.kill()


def test_processes_that_cannot_start_end_all(tmp_path: Path) -> None:
    """No endless attempts: one that can't start before any serves is the end."""
    with supervisor(tmp_path, "postgresql://nobody@127.0.0.1:1/nothing") as process:
        assert process.wait(STOP_SECONDS) == 3


def test_a_slow_start_can_be_ended(tmp_path: Path) -> None:
    """Told to end while its processes wait for a database that says nothing, it ends with them."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        database = f"postgresql://nobody@127.0.0.1:{silent.getsockname()[1]}/nothing"
        with supervisor(tmp_path, database) as process:
            told = Server(process, "", database, tmp_path)  # type: ignore[arg-type]
            silent.settimeout(30)
            waiting = silent.accept()[0]
            left = serving(told)
            process.send_signal(signal.SIGTERM)
            assert process.wait(STOP_SECONDS) == 0
            waiting.close()
    assert len(left) == 2
    assert not any(Path(f"/proc/{pid}/exe").exists() for pid in left)
