"""The server as a process: how it starts, stops and bears outages."""

from __future__ import annotations

import json
import shutil
import signal
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from tests.support import stored
from tests.support.examples import ANSWERS, create, example
from tests.support.postgresql_cluster import Cluster
from tests.support.processes import (
    BOTH,
    LIST,
    POSTGRESQL,
    SAMPLE,
    SQLITE,
    ask,
    begin_upload,
    eventually,
    folder,
    serving,
)
from tests.support.servers import command, free_port, sandbox, seed, serve

pytestmark = pytest.mark.slow


# --- the sandbox ----------------------------------------------------------------------------------


@BOTH
def test_sandbox_goes_on(fresh_url: str, tmp_path: Path) -> None:
    """Stopped and started again, the sandbox has its data, and the same headers work."""
    with sandbox(tmp_path, fresh_url) as server:
        with server.client() as client:
            item = create(client, ANSWERS)
        first = server.customers
    with sandbox(tmp_path, fresh_url) as server:
        assert server.customers == first
        with server.client() as client:
            assert client.get(f"{ANSWERS.path}{item['id']}/").json() == item
    assert "The data stays" in (tmp_path / "output").read_text()


@BOTH
def test_reset(fresh_url: str, tmp_path: Path) -> None:
    """With `--reset` the sandbox begins anew, and its headers still work."""
    seed(tmp_path, fresh_url)
    with sandbox(tmp_path, fresh_url) as server, server.client() as client:
        item = create(client, ANSWERS)
        before = len(client.get(LIST).json())
    with sandbox(tmp_path, fresh_url, "--reset") as server, server.client() as client:
        assert client.get(f"{ANSWERS.path}{item['id']}/").status_code == 404
        assert len(client.get(LIST).json()) == before - 1


@BOTH
def test_sandbox_refuses_others(fresh_url: str, tmp_path: Path) -> None:
    """The sandbox does not touch a database with another customer in it, even to reset it."""
    seed(tmp_path, fresh_url)
    stored.insert_customer(fresh_url, SAMPLE, "Somebody AB")
    for options in ([], ["--reset"]):
        arguments = ["sandbox", "--port", "0", "--database", fresh_url, *options]
        done = command(tmp_path, arguments)
        assert done.returncode == 1
        assert "holds customers that are not the sandbox's" in done.stderr
        assert "Traceback" not in done.stderr


def test_port_taken(tmp_path: Path) -> None:
    """A port that is taken is named in one clear message, before anything is prepared."""
    url = f"sqlite:///{tmp_path / 'portvakt.db'}"
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = command(tmp_path, ["sandbox", "--port", port, "--database", url])
    assert done.returncode == 1
    assert f"Can't listen on 127.0.0.1 port {port}" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "portvakt.db").exists()


# --- serve ----------------------------------------------------------------------------------------


@BOTH
def test_serve_refuses_an_old_schema(fresh_url: str, tmp_path: Path) -> None:
    """A database that is not up to date is refused, with the command that mends it."""
    key = command(tmp_path, ["key"]).stdout.strip()
    settings = {"database": fresh_url, "credential_keys": f"1:{key}", "port": free_port()}
    done = command(tmp_path, ["serve"], **settings)
    assert done.returncode == 1
    assert "portvakt migrate" in done.stderr
    assert "Traceback" not in done.stderr
    assert command(tmp_path, ["migrate"], **settings).returncode == 0
    with serve(tmp_path, fresh_url, f"1:{key}") as server:
        assert httpx.get(f"{server.base_url}/health/ready").json() == {"status": "ready"}


@SQLITE
def test_serve_refuses_two_workers_on_sqlite(fresh_url: str, tmp_path: Path) -> None:
    """SQLite is served by one process, and serve says so."""
    keys = seed(tmp_path, fresh_url).keys
    done = command(tmp_path, ["serve"], database=fresh_url, credential_keys=keys, workers=2)
    assert (done.returncode, "one process" in done.stderr) == (1, True)


@POSTGRESQL
def test_workers(fresh_url: str, tmp_path: Path) -> None:
    """Several processes answer on one port, and all end together."""
    seeded = seed(tmp_path, fresh_url)
    with serve(folder(tmp_path, "serve"), fresh_url, seeded.keys, workers=2) as server:
        assert eventually(lambda: len(serving(server)) == 2)
        with ThreadPoolExecutor(8) as threads:
            answers = list(
                threads.map(lambda _: ask(server, seeded.customers[0].headers), range(64))
            )
        assert set(answers) == {200}
        before = serving(server)
    assert before
    assert not any(Path(f"/proc/{pid}").exists() for pid in before)


@SQLITE
def test_limits(fresh_url: str, tmp_path: Path) -> None:
    """Bodies, bulk writes and query strings have the limits that are set."""
    seeded = seed(tmp_path, fresh_url)
    limits = {"max_body_bytes": 2048, "max_bulk_items": 3, "max_query_bytes": 1024}
    with (
        serve(folder(tmp_path, "serve"), fresh_url, seeded.keys, **limits) as server,
        server.client(seeded.customers[0]) as client,
    ):
        large = {**example(ANSWERS), "custom_id": "x" * 2048}
        for body in (large, [large]):
            path = LIST if isinstance(body, list) else ANSWERS.path
            answer = client.post(path, json=body)
            assert (answer.status_code, "2048" in answer.json()["detail"]) == (413, True)
        chunks = iter([b"[", *[b" " * 512] * 8, b"]"])
        answer = client.post(LIST, content=chunks, headers={"Content-Type": "application/json"})
        assert answer.status_code == 413
        assert client.post(LIST, json=[{}] * 4).json()["detail"].startswith("At most 3 items")
        answer = client.get(f"{LIST}?custom_id={'x' * 1100}")
        assert (answer.status_code, answer.json()["code"]) == (414, "uri_too_long")
        assert client.get(LIST).status_code == 200


@SQLITE
def test_slow_body(fresh_url: str, tmp_path: Path) -> None:
    """A body that does not arrive in time is given up, with an answer."""
    seeded = seed(tmp_path, fresh_url)
    with serve(folder(tmp_path, "serve"), fresh_url, seeded.keys, body_timeout=0.5) as server:
        connection = begin_upload(server, seeded.customers[0].headers, b'{"answer": true}')
        answer = connection.getresponse()
        assert (answer.status, json.loads(answer.read())["code"]) == (408, "request_timeout")
        connection.close()


# --- stopping -------------------------------------------------------------------------------------


@BOTH
def test_stop_finishes_an_upload(fresh_url: str, tmp_path: Path) -> None:
    """A request that is still sending its body when the server is told to stop is answered."""
    seed(tmp_path, fresh_url)
    with sandbox(tmp_path, fresh_url) as server:
        body = json.dumps(example(ANSWERS)).encode()
        connection = begin_upload(server, server.customers[0].headers, body)
        time.sleep(0.3)
        server.process.send_signal(signal.SIGINT)
        time.sleep(0.7)
        assert server.process.poll() is None
        connection.send(body[1:])
        answer = connection.getresponse()
        item = json.loads(answer.read())
        connection.close()
        assert answer.status == 201
        assert server.process.wait(20) == 0
    with sandbox(tmp_path, fresh_url) as server, server.client() as client:
        assert client.get(f"{ANSWERS.path}{item['id']}/").json() == item


@BOTH
def test_terminated(fresh_url: str, tmp_path: Path) -> None:
    """A service manager's SIGTERM stops a server as Ctrl-C does: what ran is finished."""
    seeded = seed(tmp_path, fresh_url)
    place = folder(tmp_path, "serve")
    with serve(place, fresh_url, seeded.keys) as server:
        body = json.dumps(example(ANSWERS)).encode()
        connection = begin_upload(server, seeded.customers[0].headers, body)
        time.sleep(0.3)
        server.process.send_signal(signal.SIGTERM)
        time.sleep(0.3)
        connection.send(body[1:])
        assert connection.getresponse().status == 201
        connection.close()
        assert server.process.wait(20) in (0, -signal.SIGTERM)


# --- outages --------------------------------------------------------------------------------------


def check_outage(client: httpx.Client) -> None:
    """Every request is told to come again, and the server says that it isn't ready."""
    for answer in (
        client.get(LIST),
        client.get(f"{LIST}?_page=1&_page_size=1"),
        client.post(ANSWERS.path, json=example(ANSWERS)),
        client.post(LIST, json=[example(ANSWERS)] * 60),
    ):
        assert answer.status_code == 503
        assert answer.json()["code"] == "unavailable"
        assert int(answer.headers["Retry-After"]) > 0
    ready = client.get("/health/ready")
    assert (ready.status_code, ready.json()["reason"]) == (503, "database")
    assert client.get("/health/live").status_code == 200


def check_recovery(client: httpx.Client) -> None:
    """It serves again, without having been started anew."""
    assert eventually(lambda: client.get("/health/ready").status_code == 200)
    assert client.get(LIST).status_code == 200
    assert client.post(ANSWERS.path, json=example(ANSWERS)).status_code == 201
    assert client.post(LIST, json=[example(ANSWERS)] * 60).status_code == 200


def test_postgresql_outage(tmp_path: Path) -> None:
    """While PostgreSQL is stopped requests get 503; when it is back they are served."""
    cluster = Cluster()
    try:
        cluster.start()
        with sandbox(tmp_path, cluster.url) as server, server.client() as client:
            for _ in range(2):
                check_recovery(client)
                cluster.stop()
                check_outage(client)
                cluster.start()
            check_recovery(client)
    finally:
        cluster.remove()


@SQLITE
def test_sqlite_outage(fresh_url: str, tmp_path: Path) -> None:
    """While its file is away requests get 503; when it is back they are served."""
    file = Path(fresh_url.removeprefix("sqlite:///"))
    seed(tmp_path, fresh_url)
    with sandbox(tmp_path, fresh_url) as server, server.client() as client:
        for _ in range(2):
            check_recovery(client)
            away = file.with_suffix(".away")
            shutil.move(file, away)
            check_outage(client)
            assert not file.exists()
            shutil.move(away, file)
        check_recovery(client)
