"""A body where none is taken is refused, if it could mean something."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from portvakt.action_table import ACTIONS
from portvakt.api.routes import Route, Routes
from tests.support.examples import registry

NOWHERE = "00000000-0000-4000-8000-000000000000"
NOTHING = [b"", b" \r\n", b"{}", b" { } ", b"null"]
SOMETHING = [b'{"a": 1, "a": 2}', b"[]", b"0", b'""', b"a=b", b"{" + b" " * 100, b"\xff"]


def taking_none() -> Iterator[tuple[str, str]]:
    """Each method and path without a body, as the declarations say."""
    routes = Routes(registry(), ACTIONS)
    every: list[tuple[str, Route]] = [*routes.exact.items()]
    every += [(f"{path}{NOWHERE}/", route) for path, route in routes.items.items()]
    every += [(f"{a}{NOWHERE}/{b}", route) for (a, b), route in routes.of_items.items()]
    for path, route in every:
        if not route.public:
            yield from ((method, path) for method in route.methods if not route.bodies.get(method))


TAKING_NONE = sorted(taking_none())


def asked(client: httpx.Client, method: str, path: str, body: bytes) -> httpx.Response:
    """The answer to a request with this body, whose length is told."""
    return client.request(method, path, content=body, headers={"Content-Type": "application/json"})


def test_there_are_such_operations() -> None:
    """Of every method that one can be asked by."""
    assert {method for method, _ in TAKING_NONE} == {"GET", "HEAD", "DELETE", "POST"}


def test_what_says_nothing_is_no_body(client: httpx.Client) -> None:
    """Everywhere: the answer is that to no body at all."""
    for method, path in TAKING_NONE:
        status = client.request(method, path).status_code
        told = {asked(client, method, path, body).status_code for body in NOTHING}
        assert told == {status}, (method, path)


def test_what_says_something_is_refused(client: httpx.Client) -> None:
    """Everywhere, whatever the item and the caller's rights are."""
    for number, (method, path) in enumerate(TAKING_NONE):
        answer = asked(client, method, path, SOMETHING[number % len(SOMETHING)])
        assert answer.status_code == 400, (method, path)
        assert method == "HEAD" or answer.json()["code"] == "unexpected_body"


@pytest.mark.parametrize("body", SOMETHING)
@pytest.mark.parametrize(("method", "tail"), [("GET", "list/"), ("DELETE", f"{NOWHERE}/")])
def test_a_body_in_chunks_is_looked_at_too(
    client: httpx.Client, method: str, tail: str, body: bytes
) -> None:
    """Its length is told nowhere."""
    path = registry().resources["accounts.tenant"].path + tail
    answer = client.request(method, path, content=iter([body[:1], body[1:]]))
    assert (answer.status_code, answer.json()["code"]) == (400, "unexpected_body")
    empty = client.request(method, path, content=iter([b"{", b"}"]))
    assert empty.status_code == client.request(method, path).status_code
