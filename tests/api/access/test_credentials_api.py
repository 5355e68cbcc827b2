"""Credentials by the API: issued, listed, rotated, revoked."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.support.people import operator
from tests.support.servers import Server

PATH = "/platform/credential/"

Post = Callable[..., httpx.Response]


@pytest.fixture
def integration(anonymous: httpx.Client, server: Server) -> str:
    """An integration of the first customer that has no live credentials."""
    pk = server.customers[0].ids["integration"][2]
    headers = operator(server, 0)
    listed = anonymous.get(f"{PATH}list/", params={"integration": pk}, headers=headers)
    for item in listed.json():
        anonymous.post(f"{PATH}{item['id']}/revoke/", headers=headers)
    return pk


@pytest.fixture
def post(anonymous: httpx.Client, server: Server) -> Post:
    """Posts to a path below the credentials' as an operator."""

    def send(tail: str, body: Any = None) -> httpx.Response:
        sent = {} if body is None else {"json": body}
        return anonymous.post(PATH + tail, headers=operator(server, 0), **sent)

    return send


def issue(post: Post, integration: str, **more: Any) -> dict[str, Any]:
    """A new credential."""
    answer = post("", {"integration": {"id": integration}, **more})
    assert answer.status_code == 201, answer.text
    item: dict[str, Any] = answer.json()
    assert answer.headers["Location"] == f"{PATH}{item['id']}/"
    return item


def test_a_secret_is_shown_once(
    anonymous: httpx.Client, server: Server, post: Post, integration: str
) -> None:
    """The answer to the issue holds it, no other does."""
    issued = issue(post, integration)
    assert issued.pop("secret").startswith("pvk_")
    read = anonymous.get(f"{PATH}{issued['id']}/", headers=operator(server, 0))
    assert read.json() == issued
    other = anonymous.get(f"{PATH}{issued['id']}/", headers=operator(server, 1))
    assert other.status_code == 404


def test_two_are_live_at_once(post: Post, integration: str) -> None:
    """A third is refused until one ends."""
    first, _ = issue(post, integration), issue(post, integration)
    body = {"integration": {"id": integration}}
    assert (post("", body).status_code, post("", body).json()["code"]) == (409, "conflict")
    post(f"{first['id']}/revoke/")
    assert post("", body).status_code == 201


def test_a_rotated_credential_goes_on_for_the_overlap(
    anonymous: httpx.Client, server: Server, post: Post, integration: str
) -> None:
    """The old one gets an end, the new one a secret of its own; 0 ends the old one now."""
    old = issue(post, integration)
    new = post(f"{old['id']}/rotate/", {"overlap": 60})
    assert (new.status_code, new.json()["secret"] != old["secret"]) == (201, True)
    path = f"{PATH}{old['id']}/"
    stored = anonymous.get(path, headers=operator(server, 0)).json()
    assert (stored["revoked_at"], stored["expires_at"] > old["created_at"]) == (None, True)
    third = post(f"{new.json()['id']}/rotate/", {"overlap": 60})
    assert third.status_code == 409
    assert post(f"{old['id']}/rotate/", {"overlap": 0}).status_code == 201
    assert anonymous.get(path, headers=operator(server, 0)).json()["revoked_at"] is not None


def test_a_revoked_credential_stays_so(post: Post, integration: str) -> None:
    """It can be revoked again, which changes nothing, and no longer rotated."""
    pk = issue(post, integration)["id"]
    first, second = post(f"{pk}/revoke/"), post(f"{pk}/revoke/")
    assert (first.status_code, first.json()) == (200, second.json())
    assert post(f"{pk}/rotate/", {"overlap": 0}).status_code == 409


@pytest.mark.parametrize(
    ("body", "pointers"),
    [
        ({}, ["/integration"]),
        ({"integration": {"id": str(uuid4())}}, ["/integration"]),
        ({"integration": None, "secret": "x"}, ["/integration", "/secret"]),
        ([], [""]),
    ],
)
def test_a_wrong_body_is_refused(post: Post, body: Any, pointers: list[str]) -> None:
    """Every fault has its place."""
    answer = post("", body)
    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json()["errors"]] == pointers


def test_an_end_in_the_past_is_refused(post: Post, integration: str) -> None:
    """Nobody wants a credential that never works."""
    body = {"integration": {"id": integration}, "expires_at": "2020-01-01T00:00:00Z"}
    answer = post("", body)
    assert [error["code"] for error in answer.json()["errors"]] == ["out_of_range"]


@pytest.mark.parametrize("tail", ["rotate/", "revoke/"])
@pytest.mark.parametrize("pk", ["00000000-0000-4000-8000-000000000000", "no-id"])
def test_an_unknown_credential_is_not_found(post: Post, tail: str, pk: str) -> None:
    """Whatever it is called."""
    body = {"overlap": 0} if tail == "rotate/" else {}
    assert post(f"{pk}/{tail}", body).status_code == 404
