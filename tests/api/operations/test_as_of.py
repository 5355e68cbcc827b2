"""`_as_of` over HTTP: where versions are kept, and nowhere else."""

from __future__ import annotations

from datetime import UTC, datetime

import httpx

from tests.support.servers import Server

ANSWERS = "/integrations/answeredintegrationpersonalinformationaccess/"
CONNECTIONS = "/integrations/integrationserviceidconnection/"


def now() -> str:
    """The time now, as a parameter."""
    return datetime.now(UTC).isoformat()


def test_a_deleted_answer_is_still_read_as_of_then(server: Server, client: httpx.Client) -> None:
    """Get and list tell what was there at that moment, and before and after it nothing."""
    ids = server.customers[0].ids
    body = {
        "answer": True,
        "integration": {"id": ids["integration"][0]},
        "answered_by_tenant": {"id": ids["tenant"][0]},
    }
    before = now()
    made = client.post(ANSWERS, json=body).json()
    path = f"{ANSWERS}{made['id']}/"
    first = now()
    changed = client.patch(path, json={"answer": False}).json()
    second = now()
    client.delete(path)
    after = now()

    def found(moment: str) -> list[object]:
        """What the list holds of it."""
        asked = {"id": made["id"], "_as_of": moment}
        items: list[object] = client.get(f"{ANSWERS}list/", params=asked).json()
        return items

    assert [found(moment) for moment in (before, first, second, after)] == [
        [],
        [made],
        [changed],
        [],
    ]
    answers = [client.get(path, params={"_as_of": m}) for m in (before, first, second, after)]
    assert [answer.status_code for answer in answers] == [404, 200, 200, 404]
    assert [answer.json() for answer in answers[1:3]] == [made, changed]


def test_an_unreadable_moment_is_told(client: httpx.Client) -> None:
    """In a Get as in a list."""
    for path in (f"{ANSWERS}list/", f"{ANSWERS}00000000-0000-0000-0000-000000000000/"):
        answer = client.get(path, params={"_as_of": "yesterday", "_page": "1"})
        assert answer.status_code == 400
        assert "_as_of" in [error["parameter"] for error in answer.json()["errors"]]


def test_where_no_versions_are_kept_the_parameter_is_unknown(client: httpx.Client) -> None:
    """It is not silently ignored."""
    for path in (f"{CONNECTIONS}list/", f"{CONNECTIONS}00000000-0000-0000-0000-000000000000/"):
        answer = client.get(path, params={"_as_of": now()})
        assert answer.status_code == 400
        assert answer.json()["errors"][0]["code"] == "unknown_parameter"
