"""Calls come from the addresses that a service version registers, and no header forges one.

The whole of 127.0.0.0/8 leads to this machine, so a test can connect from many addresses.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from tests.support.databases import DATABASES
from tests.support.examples import ANSWERS, TENANTS
from tests.support.registered import ACTIVATIONS, Item, Operator
from tests.support.servers import Customer, Server, command, sandbox, seed

RIGHTS = {TENANTS.name: ["read", "update"], ANSWERS.name: ["read"]}
PATH = f"{TENANTS.path}list/?_page=1&_page_size=1"
HERE, ELSEWHERE, PROXY, SECOND_PROXY = "127.0.0.20", "127.0.0.30", "127.0.0.9", "127.1.0.7"
REFUSED = {"code": "unauthorized", "detail": "The credentials were not accepted."}


@pytest.fixture(scope="module")
def proxied(module_database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A sandbox behind two reverse proxies."""
    folder = tmp_path_factory.mktemp("proxied")
    seed(folder, module_database_url)
    with sandbox(folder, module_database_url, trusted_proxies=f"{PROXY}, 127.1.0.0/16") as running:
        yield running


@pytest.fixture(scope="module")
def operator(proxied: Server) -> Iterator[Operator]:
    """Its operator."""
    with proxied.client(None) as client:
        yield Operator(proxied, client)


@pytest.fixture(scope="module")
def registered(operator: Operator) -> tuple[Item, Customer]:
    """An integration that calls from two networks."""
    networks = [HERE, "192.0.2.0/24", "2001:db8::/32", "::ffff:198.51.100.0/120"]
    return operator.integration(RIGHTS, registered_ip_addresses=networks)


def call(
    server: Server, caller: Customer, source: str, headers: dict[str, str] | None = None
) -> httpx.Response:
    """A list, over a connection from this address."""
    transport = httpx.HTTPTransport(local_address=source)
    with closing(server.client(caller, transport=transport)) as client:
        return client.get(PATH, headers=headers)


def test_a_registered_address_is_let_in(proxied: Server, registered: tuple[Item, Customer]) -> None:
    """Any other gets the one 401 that every wrong credential gets."""
    _, caller = registered
    assert call(proxied, caller, HERE).status_code == 200
    answer = call(proxied, caller, ELSEWHERE)
    wrong = Customer({**caller.headers, "X-PIGELLO-CLIENT-SECRET": "pvk_wrong"}, {})
    assert answer.status_code == 401
    assert {**answer.json(), "instance": ""} == {
        **call(proxied, wrong, HERE).json(),
        "instance": "",
    }
    assert answer.json() | REFUSED == answer.json()
    assert call(proxied, caller, HERE).status_code == 200


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "X-Real-IP"])
def test_a_client_does_not_forge_its_address(
    proxied: Server, registered: tuple[Item, Customer], header: str
) -> None:
    """Who is no trusted proxy says nothing about itself."""
    value = f"for={HERE}" if header == "Forwarded" else HERE
    answer = call(proxied, registered[1], ELSEWHERE, {header: value})
    assert answer.status_code == 401
    through = call(proxied, registered[1], PROXY, {header: value})
    assert through.status_code == (200 if header == "X-Forwarded-For" else 401)


@pytest.mark.parametrize(
    ("forwarded", "status"),
    [
        ("192.0.2.7", 200),
        ("2001:db8::7", 200),
        ("198.51.100.7", 200),
        ("::ffff:198.51.100.7", 200),
        ("203.0.113.5", 401),
        ("2001:db9::1", 401),
        (f"203.0.113.5, 192.0.2.7, {SECOND_PROXY}", 200),
        (f"192.0.2.7, 203.0.113.5, {SECOND_PROXY}", 401),
        ("unknown", 401),
    ],
)
def test_a_trusted_proxy_tells_the_address(
    proxied: Server, registered: tuple[Item, Customer], forwarded: str, status: int
) -> None:
    """Of those that it tells the last one that is no trusted proxy."""
    answer = call(proxied, registered[1], PROXY, {"X-Forwarded-For": forwarded})
    assert answer.status_code == status


def test_without_registered_addresses_anybody_calls(proxied: Server, operator: Operator) -> None:
    """And nobody where the list is empty."""
    _, free = operator.integration(RIGHTS)
    assert call(proxied, free, ELSEWHERE).status_code == 200
    _, closed = operator.integration(RIGHTS, registered_ip_addresses=[])
    assert call(proxied, closed, HERE).status_code == 401


def test_another_version_brings_its_addresses(proxied: Server, operator: Operator) -> None:
    """They count for the next request, on a connection that was let in before."""
    service = operator.service()
    first, second = (
        operator.version(service, number, allowed_access=RIGHTS, registered_ip_addresses=[address])
        for number, address in enumerate((HERE, ELSEWHERE), 1)
    )
    activation = operator.activate(service, first)
    caller = operator.caller(activation)
    later = Customer({**caller.headers, "X-PIGELLO-SERVICE-VERSION-ID": second["id"]}, {})
    assert call(proxied, caller, HERE).status_code == 200
    assert call(proxied, caller, ELSEWHERE).status_code == 401
    changed = operator.change(ACTIVATIONS, activation["id"], service_version_id=second["id"])
    assert changed.status_code == 200, changed.text
    assert changed.json()["registered_ip_addresses"] == [f"{ELSEWHERE}/32"]
    assert call(proxied, caller, HERE).status_code == 401
    assert call(proxied, later, HERE).status_code == 401
    assert call(proxied, later, ELSEWHERE).status_code == 200


@pytest.mark.parametrize("fresh_url", DATABASES[:1], indirect=True)
def test_a_wrong_setting_stops_the_server(fresh_url: str, tmp_path: Path) -> None:
    """Before it listens, with a message that says what is expected."""
    keys = "1:" + "A" * 43 + "="
    done = command(
        tmp_path,
        ["serve"],
        database=fresh_url,
        credential_keys=keys,
        trusted_proxies="proxy.example.com",
    )
    assert (done.returncode, "PORTVAKT_TRUSTED_PROXIES" in done.stderr) == (1, True)
