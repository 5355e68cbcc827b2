"""A write with an `Idempotency-Key` is done once, however often it is asked for."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import httpx
import pytest

from portvakt.schema.actions import Action
from portvakt.schema.resource import Resource
from tests.support.beside_servers import open_store
from tests.support.examples import ANSWERS, TENANTS, registry
from tests.support.people import PASSWORD, administrator, bearer, log_in, operator
from tests.support.servers import Server
from tests.support.stored import run

KEY, REPLAYED, CHANGED = "Idempotency-Key", "Idempotency-Replayed", "Idempotency-Changed"
Item = dict[str, Any]


@pytest.fixture
def key() -> str:
    """A new key."""
    return f"key {uuid4()}".replace(" ", "-")


def sent(client: httpx.Client, key: str, method: str, path: str, **more: Any) -> httpx.Response:
    """The answer to a request with a key."""
    return client.request(method, path, headers={KEY: key}, **more)


def tenant(name: str, **more: Any) -> Item:
    """The body of a tenant."""
    return {"first_name": name, **more}


def number_of(client: httpx.Client, custom_id: str) -> int:
    """How many tenants have a `custom_id`."""
    found = client.get(f"{TENANTS.path}list/", params={"custom_id": custom_id})
    return len(found.json())


def kept(database: str) -> list[tuple[str, ...]]:
    """All kept keys: the caller, the digests, and what was done."""

    async def read() -> list[tuple[str, ...]]:
        async with open_store(database) as store:
            rows = await store.database.fetch(
                "SELECT caller, key, request, done FROM idempotency_key"
            )
            return [tuple(map(str, row)) for row in rows]

    found: list[tuple[str, ...]] = run(read())
    return found


# --- the same answer, and one write ---------------------------------------------------------------


def test_an_item_is_created_once(operating: httpx.Client, key: str) -> None:
    """The second answer is the first one, and says so."""
    body = tenant("Ada", custom_id=key)
    first, second = (sent(operating, key, "POST", TENANTS.path, json=body) for _ in range(2))
    assert first.status_code == second.status_code == 201
    assert first.json() == second.json()
    assert first.headers["Location"] == second.headers["Location"]
    assert REPLAYED not in first.headers
    assert second.headers[REPLAYED] == "true"
    assert CHANGED not in second.headers
    assert number_of(operating, key) == 1


def test_an_item_is_updated_and_deleted_once(operating: httpx.Client, key: str) -> None:
    """Repeated later they do nothing: what was done since then stays."""
    made = operating.post(TENANTS.path, json=tenant("Ada")).json()
    path = f"{TENANTS.path}{made['id']}/"
    first = sent(operating, key, "PATCH", path, json={"first_name": "Eva"})
    assert first.status_code == 200
    operating.patch(path, json={"first_name": "Cia"})
    again = sent(operating, key, "PATCH", path, json={"first_name": "Eva"})
    assert (again.status_code, again.json()["first_name"]) == (200, "Cia")
    assert (again.headers[REPLAYED], again.headers[CHANGED]) == ("true", "true")
    for replayed in (None, "true"):
        gone = sent(operating, f"{key}-delete", "DELETE", path)
        assert (gone.status_code, gone.headers.get(REPLAYED)) == (204, replayed)
    assert operating.delete(path).status_code == 404
    after = sent(operating, key, "PATCH", path, json={"first_name": "Eva"})
    assert (after.status_code, after.json()) == (200, {"id": made["id"]})
    assert after.headers[CHANGED] == "true"


@pytest.mark.parametrize("query", ["", "?_report=true", "?_match=custom_id"])
def test_a_bulk_write_is_done_once(operating: httpx.Client, key: str, query: str) -> None:
    """Each item is answered as it was, with what became of it."""
    old = operating.post(TENANTS.path, json=tenant("Old")).json()
    bodies = [tenant("A", custom_id=key), {"id": old["id"], "first_name": "New"}, {"id": old["id"]}]
    asked = (f"{TENANTS.path}list/{query}", bodies[:2])
    first, second = (sent(operating, key, "POST", asked[0], json=asked[1]) for _ in range(2))
    assert first.status_code == second.status_code == 200
    assert first.json() == second.json()
    assert second.headers[REPLAYED] == "true"
    assert number_of(operating, key) == 1


def test_a_precondition_is_not_held_against_a_retry(operating: httpx.Client, key: str) -> None:
    """That the item isn't what it was is the first request's own doing."""
    made = operating.post(TENANTS.path, json=tenant("Ada"))
    path, headers = f"{TENANTS.path}{made.json()['id']}/", {"If-Match": made.headers["ETag"]}
    for method, body in (("PATCH", {"first_name": "Eva"}), ("DELETE", None)):
        headers[KEY] = f"{key}-{method}"
        more: dict[str, Any] = {"json": body} if body else {}
        first, second = (operating.request(method, path, headers=headers, **more) for _ in range(2))
        assert first.status_code == second.status_code
        assert first.is_success, first.text
        assert (second.headers[REPLAYED], second.content) == ("true", first.content)
        if body:
            assert first.headers["ETag"] == second.headers["ETag"]
            headers["If-Match"] = first.headers["ETag"]


def test_what_was_refused_of_a_bulk_write_is_told_again(operating: httpx.Client, key: str) -> None:
    """With `_atomic=false`: code and place are kept, what was said of it isn't."""
    bodies = [tenant("A", custom_id=key), {"first_name": 7, "no such": 1}]
    path = f"{TENANTS.path}list/?_atomic=false"
    first, second = (sent(operating, key, "POST", path, json=bodies) for _ in range(2))
    assert first.status_code == second.status_code == 207
    one, two = first.json(), second.json()
    assert one[0] == two[0]
    assert (one[1]["outcome"], two[1]["outcome"]) == ("refused", "refused")
    codes = [[error["code"] for error in told[1]["errors"]] for told in (one, two)]
    assert codes[0] == codes[1]
    assert [error["pointer"] for error in two[1]["errors"]] == ["/1/first_name", "/1"]
    assert number_of(operating, key) == 1


def test_at_the_same_time_too(operating: httpx.Client, key: str) -> None:
    """Eight twins: one does it, the others wait for it and are told."""
    body = [tenant("Ada", custom_id=key)]

    def ask(_: int) -> httpx.Response:
        return sent(operating, key, "POST", f"{TENANTS.path}list/", json=body)

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(ask, range(8)))
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.text for answer in answers}) == 1
    assert sum(REPLAYED not in answer.headers for answer in answers) == 1
    assert number_of(operating, key) == 1


# --- nothing else under the key -------------------------------------------------------------------


def test_another_request_under_the_key_is_refused(operating: httpx.Client, key: str) -> None:
    """Another body, query, path or method; and it does nothing."""
    body = tenant("Ada", custom_id=key)
    made = sent(operating, key, "POST", TENANTS.path, json=body).json()
    others: list[tuple[str, str, dict[str, Any]]] = [
        ("POST", TENANTS.path, {"json": tenant("Eva", custom_id=key)}),
        ("POST", f"{TENANTS.path}?_evidence=true", {"json": body}),
        ("POST", f"{TENANTS.path}list/", {"json": [body]}),
        ("POST", f"{TENANTS.path}list/?_dry_run=true", {"json": [body]}),
        ("PATCH", f"{TENANTS.path}{made['id']}/", {"json": body}),
        ("DELETE", f"{TENANTS.path}{made['id']}/", {}),
    ]
    for method, path, more in others:
        answer = sent(operating, key, method, path, **more)
        if "_evidence" in path and answer.status_code == 400:
            continue
        assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_mismatch")
        assert answer.json()["errors"][0]["header"] == KEY
        assert REPLAYED not in answer.headers
    assert number_of(operating, key) == 1
    assert operating.get(f"{TENANTS.path}{made['id']}/").json() == made


def test_a_failure_is_never_frozen(operating: httpx.Client, key: str) -> None:
    """What was refused, or tried without being kept, may be asked for again under its key."""
    path = f"{TENANTS.path}list/"
    bodies = [tenant("A", custom_id=key), {"id": str(uuid4()), "first_name": "B"}]
    assert sent(operating, key, "POST", path, json=bodies).status_code == 422
    nothing = sent(operating, key, "POST", f"{path}?_atomic=false", json=bodies[1:])
    assert nothing.json()[0]["outcome"] == "refused"
    dry = sent(operating, key, "POST", f"{path}?_dry_run=true", json=bodies[:1])
    assert dry.status_code == 200
    done = sent(operating, key, "POST", path, json=bodies[:1])
    assert (done.status_code, REPLAYED in done.headers) == (200, False)
    assert number_of(operating, key) == 1


def test_a_key_belongs_to_who_sent_it(
    server: Server,
    client: httpx.Client,
    other_client: httpx.Client,
    operating: httpx.Client,
    key: str,
) -> None:
    """Of another caller, or for another customer, it is another key."""
    for number, caller in ((0, client), (1, other_client), (0, operating)):
        path = f"{TENANTS.path}{server.customers[number].ids['tenant'][0]}/"
        for replayed in (None, "true"):
            answer = sent(caller, key, "PATCH", path, json={"custom_id": key})
            assert (answer.status_code, answer.headers.get(REPLAYED)) == (200, replayed)


@pytest.mark.parametrize("wrong", ["", "a b", "x" * 256, "å"])
def test_a_malformed_key_is_refused(operating: httpx.Client, wrong: str) -> None:
    """By all methods, and named."""
    headers = [(KEY.encode(), wrong.encode())]
    for method, path in (("GET", f"{TENANTS.path}list/?_limit=1"), ("POST", TENANTS.path)):
        body = tenant("A") if method == "POST" else None
        answer = operating.request(method, path, headers=headers, json=body)
        assert (answer.status_code, answer.json()["code"]) == (400, "invalid_headers")
        assert answer.json()["errors"] == [
            {"header": KEY, "code": "format", "detail": answer.json()["errors"][0]["detail"]}
        ]


def test_a_key_is_sent_once(operating: httpx.Client) -> None:
    """Two of them mean nothing."""
    headers = [(KEY, "a"), (KEY, "b")]
    answer = operating.post(TENANTS.path, headers=headers, json=tenant("A"))
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (400, "duplicate")


def test_reading_needs_no_key(operating: httpx.Client, key: str) -> None:
    """A read is safe to repeat as it is: it may bring a key, and is answered anew."""
    for _ in range(2):
        answer = sent(operating, key, "GET", f"{TENANTS.path}list/?_limit=1")
        assert (answer.status_code, REPLAYED in answer.headers) == (200, False)


# --- what is kept ---------------------------------------------------------------------------------


def test_nothing_that_was_sent_is_kept(operating: httpx.Client, server: Server) -> None:
    """Neither the key nor anything of a body, not even what could be compared with guesses."""
    key, name = f"19850202-{uuid4()}", f"Hemlig{uuid4().hex}"
    sent(operating, key, "POST", TENANTS.path, json=tenant(name, custom_id=name))
    text = str(kept(server.database))
    assert key not in text
    assert name not in text


def test_what_was_withdrawn_is_not_told_again(
    client: httpx.Client, operating: httpx.Client, server: Server, key: str
) -> None:
    """A replayed answer goes through the gate: what the caller may see no more is null."""
    pk, flag = server.customers[0].ids["tenant"][1], "allows_external_personal_information_sharing"
    path, bodies = f"{TENANTS.path}list/", [{"id": pk, "first_name": "Ada", "custom_id": key}]
    before = operating.get(f"{TENANTS.path}{pk}/").json()[flag]
    (item,) = sent(client, key, "POST", path, json=bodies).json()
    assert item["first_name"] == "Ada"
    operating.patch(f"{TENANTS.path}{pk}/", json={flag: False}).raise_for_status()
    again = sent(client, key, "POST", path, json=bodies)
    assert again.headers[REPLAYED] == "true"
    assert again.json()[0] == client.get(f"{TENANTS.path}{pk}/").json()
    assert again.json()[0]["first_name"] is None
    operating.patch(f"{TENANTS.path}{pk}/", json={flag: before}).raise_for_status()


def test_an_erased_person_stays_erased(operating: httpx.Client, key: str) -> None:
    """Kept keys are in nobody's way, and tell nothing of the person any more."""
    body = tenant("Ada", custom_id=key)
    made = sent(operating, key, "POST", TENANTS.path, json=body).json()
    path = f"{TENANTS.path}{made['id']}/erase/"
    first, second = (sent(operating, f"{key}-erase", "POST", path) for _ in range(2))
    assert first.json() == second.json()
    assert (first.json()["outcome"], second.headers[REPLAYED]) == ("erased", "true")
    again = sent(operating, key, "POST", TENANTS.path, json=body)
    assert (again.json()["first_name"], again.headers[CHANGED]) == ("Erased", "true")


# --- actions --------------------------------------------------------------------------------------


def test_a_secret_is_not_shown_again(operating: httpx.Client, server: Server, key: str) -> None:
    """The credential was made once; its secret is told to be lost, and what can be done."""
    path, pk = "/platform/credential/", server.customers[0].ids["integration"][3]
    for item in operating.get(f"{path}list/", params={"integration": pk}).json():
        operating.post(f"{path}{item['id']}/revoke/")
    body = {"integration": {"id": pk}}
    first, second = (sent(operating, key, "POST", path, json=body) for _ in range(2))
    assert first.status_code == 201
    assert (second.status_code, second.json()["code"]) == (409, "shown_once")
    assert second.headers[REPLAYED] == "true"
    assert second.headers["Location"] == first.headers["Location"]
    assert first.json()["id"] in second.json()["detail"]
    assert first.json()["secret"] not in second.text
    listed = operating.get(f"{path}list/", params={"integration": pk}).json()
    assert [item["id"] for item in listed if item["revoked_at"] is None] == [first.json()["id"]]
    revoke = f"{path}{first.json()['id']}/revoke/"
    one, two = (sent(operating, f"{key}-revoke", "POST", revoke) for _ in range(2))
    assert one.json() == two.json()
    assert two.headers[REPLAYED] == "true"


def test_a_login_takes_no_key(anonymous: httpx.Client, server: Server, key: str) -> None:
    """Nobody is known whose key it is, and what it answers is shown once: it is refused."""
    email = f"{uuid4().hex}@example.com"
    made = administrator(anonymous, server, email)
    body = {"customer": server.customers[0].id, "email": email, "password": PASSWORD}
    answer = sent(anonymous, key, "POST", "/platform/login/", json=body)
    assert (answer.status_code, answer.json()["errors"][0]["header"]) == (400, KEY)
    token = log_in(anonymous, server, email).json()["token"]
    path = f"/platform/administrator/{made['id']}/password/"
    headers = {**operator(server, 0), KEY: key}
    for replayed in (None, "true"):
        set_again = anonymous.post(path, headers=headers, json={"password": PASSWORD})
        assert (set_again.status_code, set_again.headers.get(REPLAYED)) == (200, replayed)
        if not replayed:
            token = log_in(anonymous, server, email).json()["token"]
    read = anonymous.get(f"{TENANTS.path}list/?_limit=1", headers=bearer(token))
    assert read.status_code == 200  # the second one ended no token
    anonymous.delete(f"/platform/administrator/{made['id']}/", headers=operator(server, 0))


def actions() -> Iterator[tuple[Resource, Action]]:
    """Every action that isn't asked for by GET."""
    for resource in registry().offered:
        for action in resource.actions:
            if action.method != "GET" and not action.public:
                yield resource, action


def test_every_action_that_writes_says_so() -> None:
    """Those of which none of the above is the example only read."""
    writing = {f"{resource.name} {action.name}" for resource, action in actions() if action.writes}
    reading = {f"{r.name} {a.name}" for r, a in actions()} - writing
    assert reading == {f"{ANSWERS.name} check_many"}
    assert {name.split()[1] for name in writing} == {
        *("issue", "rotate", "revoke", "set_password", "erase"),
    }
