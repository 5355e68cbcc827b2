"""Operators and administrators for tests over HTTP."""

from __future__ import annotations

from typing import Any

import httpx

from tests.support.servers import Server

PASSWORD = "correct horse battery staple"
CUSTOMER = "X-PIGELLO-CUSTOMER-ID"


def bearer(token: str, customer: str = "") -> dict[str, str]:
    """The headers of a person; for an operator with the customer whose data is meant."""
    named = {CUSTOMER: customer} if customer else {}
    return {"Authorization": f"Bearer {token}", **named}


def operator(server: Server, customer: int | None = None) -> dict[str, str]:
    """The headers of the sandbox's operator, on the platform or on one customer's data."""
    return bearer(server.operator, "" if customer is None else server.customers[customer].id)


def administrator(client: httpx.Client, server: Server, email: str) -> dict[str, Any]:
    """A new administrator of the first customer with `PASSWORD`; whom nobody else uses."""
    headers = operator(server, 0)
    taken = client.get("/platform/administrator/list/", headers=headers).json()
    used = {item["organization_user"]["id"] for item in taken}
    user = next(pk for pk in server.customers[0].ids["organization_user"] if pk not in used)
    body = {"organization_user": {"id": user}, "email": email}
    made = client.post("/platform/administrator/", headers=headers, json=body)
    assert made.status_code == 201, made.text
    item: dict[str, Any] = made.json()
    path = f"/platform/administrator/{item['id']}/password/"
    assert client.post(path, headers=headers, json={"password": PASSWORD}).status_code == 200
    return item


def log_in(
    client: httpx.Client, server: Server, email: str, password: str = PASSWORD
) -> httpx.Response:
    """An attempt to log in to the first customer."""
    body = {"customer": server.customers[0].id, "email": email, "password": password}
    return client.post("/platform/login/", json=body)
