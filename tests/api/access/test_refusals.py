"""The log says why credentials were refused; the answer doesn't."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_OID, uuid4, uuid5

import httpx
import pytest

from portvakt.access.headers import HEADERS
from tests.support.examples import ANSWERS
from tests.support.servers import Server, sandbox, seed

LIST = f"{ANSWERS.path}list/?_page=1&_page_size=1"
FOUND = {"customer", "application", "service", "service_version"}
WRONG = [
    *(
        (claim, str(uuid5(NAMESPACE_OID, claim)), {claim} & FOUND, "no live credential")
        for claim in HEADERS
    ),
    *((claim, "mixed-up", {claim} & FOUND, "no live credential") for claim in sorted(FOUND)),
]


@pytest.fixture(scope="module")
def proxied(module_database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that believes a proxy on this machine."""
    folder: Path = tmp_path_factory.mktemp("refusals")
    seed(folder, module_database_url)
    with sandbox(folder, module_database_url, trusted_proxies="127.0.0.1") as server:
        yield server


def ask(server: Server, **headers: str) -> httpx.Response:
    """A request with the headers of the first customer's integration, but for some."""
    sent = {**server.customers[0].headers, "X-Forwarded-For": "203.0.113.7", **headers}
    with server.client(None) as client:
        return client.get(LIST, headers={name: value for name, value in sent.items() if value})


def line(server: Server, answer: httpx.Response) -> dict[str, Any]:
    """What the log says of a refused request."""
    for _ in range(200):
        for entry in server.entries():
            same = entry.get("request_id") == answer.headers["X-Request-ID"]
            if same and entry["event"] == "refused":
                return entry
        time.sleep(0.02)
    raise AssertionError("It was not logged.")


@pytest.mark.parametrize(("claim", "value", "unknown", "reason"), WRONG)
def test_each_wrong_claim_is_told_in_the_log(
    proxied: Server, claim: str, value: str, unknown: set[str], reason: str
) -> None:
    """With the address and the other claims; to the caller all are the same."""
    answer = ask(proxied, **{HEADERS[claim]: value})
    body = answer.json()
    assert (answer.status_code, body["detail"]) == (401, "The credentials were not accepted.")
    assert "errors" not in body or body["errors"] == []
    told = line(proxied, answer)
    assert told["address"] == "203.0.113.7"
    assert set(told["unknown"]) == unknown
    assert told["reason"].startswith("another secret" if claim == "secret" else reason)
    assert "secret" not in told["claims"]
    for name, header in HEADERS.items():
        if name not in ("secret", claim):
            assert told["claims"][name] == proxied.customers[0].headers[header]
    if claim != "secret":
        assert told["claims"][claim] == ("unreadable" if value == "mixed-up" else value)


def test_no_secret_gets_into_the_log(proxied: Server) -> None:
    """Not even one that stands in the wrong header."""
    secret = proxied.customers[0].headers[HEADERS["secret"]]
    for header in HEADERS.values():
        line(proxied, ask(proxied, **{header: secret, HEADERS["customer"]: str(uuid4())}))
        line(proxied, ask(proxied, **{HEADERS["secret"]: "pvk_other", header: secret[:-1]}))
    answer = ask(proxied, **{HEADERS["customer"]: secret})
    assert line(proxied, answer)["claims"]["customer"] == "unreadable"
    assert secret not in proxied.log
    assert secret[:-1] not in proxied.log


def test_missing_headers_and_wrong_tokens_are_told_too(proxied: Server) -> None:
    """Whatever way a caller is refused."""
    missing = line(proxied, ask(proxied, **{HEADERS["service"]: ""}))
    assert (missing["reason"], "service" in missing["claims"]) == ("headers missing", False)
    with proxied.client(None) as client:
        token = {"Authorization": "Bearer pvk_op_none"}
        wrong = client.get("/platform/customer/list/", headers=token)
    assert line(proxied, wrong)["reason"] == "no live token with these claims"
    assert "pvk_op_none" not in proxied.log
