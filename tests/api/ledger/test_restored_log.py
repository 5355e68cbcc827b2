"""Cursors of the logs after a restore: no event is passed over in silence."""

from __future__ import annotations

import base64
import json
import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.conftest import MakeDatabase
from tests.support.examples import CONNECTIONS, create, resource_named
from tests.support.people import bearer
from tests.support.processes import BOTH, eventually, folder
from tests.support.servers import Seeded, seed, serve

pytestmark = pytest.mark.slow

LOG = f"{resource_named('common.eventlog').path}list/"
PLATFORM_LOG = f"{resource_named('platform.ledgerentry').path}list/"
PAGE = {"_limit": "100"}

FORGED = [[1, 2], *([place, "0" * 16] for place in ("1", True, None, 0, -1, 2**31)), [1, "g" * 16]]
"""What is no link of a cursor."""

Copy = Callable[[str], str]


@pytest.fixture
def copy(request: pytest.FixtureRequest, tmp_path: Path) -> Copy:
    """Gives the URL of a copy of a database that nobody uses meanwhile: a backup, restored."""

    def made(url: str) -> str:
        if url.startswith("sqlite"):
            backup = tmp_path / "restored.db"
            shutil.copy(url.removeprefix("sqlite:///"), backup)
            return f"sqlite:///{backup}"
        make: MakeDatabase = request.getfixturevalue("make_postgres_database")
        return make(url)

    return made


def cursor_after(answer: httpx.Response) -> str:
    """The cursor that a page gives to go on from its end."""
    return answer.links["next"]["url"].partition("_after=")[2].partition("&")[0]


def read_on(client: httpx.Client, path: str = LOG, after: str = "") -> tuple[list[Any], str]:
    """What follows in a log, and the cursor at its end."""
    found: list[Any] = []
    while True:
        asked = {**PAGE, **({"_after": after} if after else {})}
        answer = client.get(path, params=asked)
        assert answer.status_code == 200, answer.text
        if not answer.json():
            return found, after
        found += answer.json()
        after = cursor_after(answer)


def write(client: httpx.Client, number: int, customer: int = 0) -> list[str]:
    """The ids of so many new items, all of whose events are in the log."""
    made = [create(client, CONNECTIONS, customer, organization=None)["id"] for _ in range(number)]
    assert eventually(lambda: made[-1] in {one["object_id"] for one in read_on(client)[0]})
    return made


def altered(cursor: str, change: Callable[[list[Any]], list[Any]]) -> str:
    """A cursor made of another one."""
    values = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    text = json.dumps(change(values)).encode()
    return base64.urlsafe_b64encode(text).decode().rstrip("=")


def replaced(end: object, values: list[Any]) -> list[Any]:
    """The values of a cursor with another end."""
    return [*values[:-1], end]


def check_restarted(answer: httpx.Response) -> None:
    """It is told that the log was restarted, and how to begin anew."""
    assert answer.status_code == 410, answer.text
    assert answer.json()["code"] == "log_restarted"
    assert "_after" in answer.json()["detail"]


def platform_events(client: httpx.Client, seeded: Seeded, number: int) -> str:
    """The cursor at the end of the platform's log, after so many more events."""
    client.headers.update(bearer(seeded.operator))
    names = [f"Application {client.base_url.port} {place}" for place in range(number)]
    for name in names:
        made = client.post("/platform/application/", json={"name": name})
        assert made.status_code == 201, made.text
        pk = made.json()["id"]
    assert eventually(lambda: pk in {one["object_id"] for one in read_on(client, PLATFORM_LOG)[0]})
    return read_on(client, PLATFORM_LOG)[1]


@BOTH
def test_a_cursor_that_a_restore_has_cut_off_is_refused(
    fresh_url: str, tmp_path: Path, copy: Copy
) -> None:
    """It stood after an event that the log doesn't hold any more, whatever stands there now.

    A cursor at an event that was in the backup goes on, and sees each later one once.
    """
    seeded = seed(tmp_path, fresh_url)
    caller, other = seeded.customers[:2]
    asked = {**PAGE, "_order_by": "created_at"}
    with serve(folder(tmp_path, "one"), fresh_url, seeded.keys) as server:
        with server.client(caller) as client:
            write(client, 3)
            early = read_on(client)[1]
            kept = write(client, 2)
        with server.client(other) as client:
            write(client, 1, 1)
            others = read_on(client)[1]
    restored = copy(fresh_url)
    with serve(folder(tmp_path, "two"), fresh_url, seeded.keys) as server:
        with server.client(caller) as client:
            write(client, 3)
            late = read_on(client)[1]
            late_by_age = cursor_after(client.get(LOG, params={**asked, "_limit": "9999"}))
        with server.client(None) as people:
            late_of_platform = platform_events(people, seeded, 2)
    with (
        serve(folder(tmp_path, "three"), restored, seeded.keys) as server,
        server.client(caller) as client,
        server.client(None) as people,
    ):
        for _ in range(2):  # before the log has reached the place again, and after that
            check_restarted(client.get(LOG, params={**PAGE, "_after": late}))
            check_restarted(client.get(LOG, params={**PAGE, "_after": late, "_count": "true"}))
            check_restarted(client.get(LOG, params={**asked, "_after": late_by_age}))
            write(client, 4)
        people.headers.update(bearer(seeded.operator))
        check_restarted(people.get(PLATFORM_LOG, params={**PAGE, "_after": late_of_platform}))
        platform_events(people, seeded, 3)
        check_restarted(people.get(PLATFORM_LOG, params={**PAGE, "_after": late_of_platform}))
        followed = [one["object_id"] for one in read_on(client, after=early)[0]]
        assert followed[:2] == kept
        assert len(followed) == len(set(followed)) == 2 + 8
        # What no log of this customer has given out.
        check_restarted(client.get(LOG, params={**PAGE, "_after": others}))
        forged = altered(early, lambda values: [*values[:-1], [values[-1][0], "0" * 16]])
        check_restarted(client.get(LOG, params={**PAGE, "_after": forged}))
        for wrong in ("x", [1], *FORGED):
            unreadable = altered(early, partial(replaced, wrong))
            answer = client.get(LOG, params={**PAGE, "_after": unreadable})
            assert (answer.status_code, answer.json()["code"]) == (400, "invalid_parameters")
        # Those given out before cursors had a link: good as long as their place is there.
        old = altered(early, lambda values: values[:-1])
        assert [one["object_id"] for one in read_on(client, after=old)[0]] == followed
        beyond = altered(early, lambda values: [values[0], 2**31 - 1])
        check_restarted(client.get(LOG, params={**PAGE, "_after": beyond}))
