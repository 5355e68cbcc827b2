"""A server that sends a large list takes little memory, and leaves nothing behind."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode
from uuid import uuid4

import pytest

from portvakt.resources import load
from portvakt.schema.actions import Answers
from portvakt.schema.operations import Operation
from tests.support import stored
from tests.support.examples import ANSWERS, create
from tests.support.people import operator
from tests.support.processes import (
    BOTH,
    LIST,
    MANY,
    MIB,
    SAMPLE,
    eventually,
    folder,
    open_transactions,
)
from tests.support.servers import Server, sandbox, seed, serve

pytestmark = pytest.mark.slow


@BOTH
def test_large_collection(fresh_url: str, tmp_path: Path) -> None:
    """A large collection takes little memory, is a snapshot, and bears clients that go away.

    These are facts about one and the same collection, because it takes long to make.
    """
    seed(tmp_path, fresh_url)
    with sandbox(tmp_path, fresh_url) as server:
        stored.insert_copies(fresh_url, SAMPLE, ANSWERS.name, MANY)
        for query_string in ("", "?_jsonl=true"):
            check_export(server, query_string)
        check_disconnections(server)
        check_places(server, folder(tmp_path, "one"))
        check_stop(server, folder(tmp_path, "serve"))


def check_export(large: Server, query_string: str) -> None:
    """A whole collection is answered in constant memory, from one snapshot, while it changes."""
    with large.client() as client, large.client() as writer:
        before = large.resident_bytes
        *_, deleted, changed = client.get(f"{LIST}?_slim=true").json()
        text = client.get(f"{ANSWERS.path}{changed['id']}/").json()["custom_id"]
        peak, items, end, new = before, 0, b"", uuid4().hex
        with client.stream("GET", LIST + query_string) as answer:
            for number, chunk in enumerate(answer.iter_bytes(256 * 1024)):
                if number == 1:
                    added = create(writer, ANSWERS, custom_id=new)
                    writer.patch(f"{ANSWERS.path}{changed['id']}/", json={"custom_id": new})
                    writer.delete(f"{ANSWERS.path}{deleted['id']}/")
                peak = max(peak, large.resident_bytes)
                items += chunk.count(b'"custom_id":')
                end = (end + chunk)[-2000:]
    assert items > MANY * 0.99  # a chunk may end within the name
    assert all(pk in end.decode() for pk in (text, changed["id"], deleted["id"]))
    assert new not in end.decode()
    assert added["id"] not in end.decode()
    assert peak - before < 32 * MIB


def check_disconnections(large: Server) -> None:
    """Clients that go away in the middle leave nothing open, however many do."""
    with large.client() as client:
        for _ in range(30):
            with client.stream("GET", f"{LIST}?_jsonl=true") as answer:
                assert answer.status_code == 200
                next(answer.iter_bytes(1024))
        for _ in range(10):
            assert client.get(f"{LIST}?_limit=1").status_code == 200
        with client.stream("GET", f"{LIST}?_slim=true&_jsonl=true") as answer:
            assert sum(1 for _ in answer.iter_lines()) >= MANY
    if large.database.startswith("postgresql"):
        assert eventually(lambda: not open_transactions(large.database))


def check_places(large: Server, place: Path) -> None:
    """Who finds no place for an export is told so; a client that stops reading loses its place."""
    settings = {"max_streams": 1, "stall_timeout": 3}
    with serve(place, large.database, large.keys, **settings) as server:
        caller = large.customers[0]
        with (
            server.client(caller) as client,
            server.client(caller) as idle,
            server.client(None) as people,
        ):
            people.headers.update(operator(large, 0))
            with idle.stream("GET", f"{LIST}?_jsonl=true"):
                for path in streamed():
                    refused = people.get(path)
                    assert (refused.status_code, path) == (503, path)
                    assert refused.headers["Content-Type"] == "application/problem+json"
                    assert refused.json()["code"] == "unavailable"
                    assert "exports" in refused.json()["detail"]
                    assert int(refused.headers["Retry-After"]) > 0
                assert client.get(f"{LIST}?_limit=1").status_code == 200
                assert eventually(lambda: client.get(f"{LIST}?custom_id=x").status_code == 200)
                assert client.get(f"{LIST}?custom_id=x").status_code == 200
            assert "client stalled" in {entry.get("ended") for entry in server.entries()}


def streamed() -> Iterator[str]:
    """The paths of all that is sent while it is read."""
    for resource in load().offered:
        if Operation.list in resource.operations:
            yield f"{resource.path}list/?_jsonl=true"
            yield f"{resource.path}list/"
            yield f"{resource.path}list/export/"
        for action in resource.actions:
            if action.answers_with in {Answers.lines, Answers.page}:
                needed = [field for field in action.query if field.required]
                asked = {field.name: getattr(field, "options", [""])[0] for field in needed}
                if action.asking:  # people have to name one
                    asked[action.asking] = str(uuid4())
                yield f"{action.path(resource.path).format(pk=uuid4())}?{urlencode(asked)}"


def check_stop(large: Server, place: Path) -> None:
    """An export that runs when the server is told to stop is sent to its end."""
    caller = large.customers[0]
    with serve(place, large.database, large.keys) as server, server.client(caller) as client:
        with client.stream("GET", f"{LIST}?_jsonl=true") as answer:
            chunks = answer.iter_bytes(64 * 1024)
            lines = next(chunks).count(b"\n")
            server.process.send_signal(signal.SIGINT)
            time.sleep(0.5)
            assert server.process.poll() is None
            for chunk in chunks:
                lines += chunk.count(b"\n")
        assert lines >= MANY
        assert server.process.wait(20) == 0
