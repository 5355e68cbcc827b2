"""Callers whose items nobody else may notice, and an operator."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import httpx
import pytest

from tests.api.access.strangers import OTHER_APPLICATION, Stranger
from tests.support.beside_servers import another_integration
from tests.support.examples import (
    samples,
)
from tests.support.registered import Operator
from tests.support.servers import Server


@pytest.fixture(scope="module")
def same_customer(server: Server, server_database: str) -> Iterator[httpx.Client]:
    """Calls as another application of the first customer."""
    sample = samples().customers[0]
    caller = asyncio.run(
        another_integration(server_database, server.keys, sample, OTHER_APPLICATION)
    )
    with server.client(caller) as calling:
        yield calling


@pytest.fixture
def stranger(kind: str, other_client: httpx.Client, same_customer: httpx.Client) -> Stranger:
    """A caller whose items the first customer's first integration must not notice."""
    if kind == "customer":
        return Stranger(kind, 1, other_client)
    return Stranger(kind, 0, same_customer)


@pytest.fixture
def operator(server: Server, anonymous: httpx.Client) -> Operator:
    """An operator who works on the first customer."""
    return Operator(server, anonymous)
