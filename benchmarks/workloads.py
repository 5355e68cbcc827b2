"""The workloads W1 to W7: the requests that each server gets, the same bytes for both."""

from __future__ import annotations

import json
import random
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from benchmarks.data import ANSWERS, ORGANIZATIONS, TENANTS, Size, pk
from benchmarks.seeding import Caller

PATH = "/integrations/answeredintegrationpersonalinformationaccess/"
DECISION = "/integrations/decision/check/"
TENANTS_PATH = "/accounts/users/customer/tenant/"
MANY = 40
"""How many different requests take turns."""

PAGE = 100
BULK = 1_000
PAIRS = 1_000


def render(
    method: str, target: str, headers: Mapping[str, str], body: bytes | None = None
) -> bytes:
    """A whole HTTP/1.1 request."""
    lines = [f"{method} {target} HTTP/1.1", "Host: 127.0.0.1"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    if body is not None:
        lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
    return "\r\n".join([*lines, "", ""]).encode() + (body or b"")


class Requests:
    """The requests of each workload, on the rows of a size; chosen by chance, the same each run."""

    def __init__(self, callers: Sequence[Caller], size: Size) -> None:
        self.callers = callers
        self.size = size

    def _chosen(self, readers: Sequence[Caller]) -> list[tuple[Caller, int]]:
        chance = random.Random(1)
        return [
            (readers[place % len(readers)], chance.randrange(self.size.answers_each))
            for place in range(MANY)
        ]

    @property
    def readers(self) -> Sequence[Caller]:
        """The customers that are read; what is written belongs to the last one."""
        return self.callers[:-1]

    @property
    def writer(self) -> Caller:
        """The customer whose rows are added to."""
        return self.callers[-1]

    def items(self) -> list[tuple[Caller, str]]:
        """The items that W1 gets."""
        return [
            (who, pk(ANSWERS, who.customer, place)) for who, place in self._chosen(self.readers)
        ]

    def w1(self) -> list[bytes]:
        """Get one."""
        return [render("GET", f"{PATH}{item}/", who.headers) for who, item in self.items()]

    def lists(self) -> list[tuple[Caller, str]]:
        """The integrations by which W2 filters."""
        return [(who, who.integration(place % 5)) for who, place in self._chosen(self.readers)]

    def w2(self) -> list[bytes]:
        """List 100 of an integration, newest first."""
        return [
            render("GET", f"{PATH}list/?{urlencode(_w2(integration))}", who.headers)
            for who, integration in self.lists()
        ]

    def w3(self) -> list[bytes]:
        """All of a customer's, one a line."""
        return [render("GET", f"{PATH}list/?_jsonl=true", self.callers[0].headers)]

    def body(self, number: int) -> dict[str, Any]:
        """An answer to create."""
        customer = self.writer.customer
        return {
            "answer": number % 3 > 0,
            "integration": {"id": self.writer.integration(number % 5)},
            "answered_by_tenant": {
                "id": pk(TENANTS, customer, number * 7 % self.size.tenants_each)
            },
            "organization": {"id": pk(ORGANIZATIONS, customer, number % 4)},
            "custom_id": f"NEW-{number:08d}",
        }

    def w4(self) -> list[bytes]:
        """Create one."""
        return [
            render("POST", PATH, self.writer.headers, json.dumps(self.body(number)).encode())
            for number in range(MANY)
        ]

    def bulk_body(self, many: int = BULK) -> bytes:
        """Answers to create at once."""
        return json.dumps([self.body(number) for number in range(many)]).encode()

    def w5(self, many: int = BULK) -> list[bytes]:
        """Create 1,000 at once."""
        return [render("POST", f"{PATH}list/", self.writer.headers, self.bulk_body(many))]

    def w5_tenants(self) -> list[bytes]:
        """Create 1,000 tenants at once."""
        organization = {"id": pk(ORGANIZATIONS, self.writer.customer, 0)}
        tenants = [
            {**_tenant(number), "email": f"holm{number}@example.com", "organization": organization}
            for number in range(BULK)
        ]
        body = json.dumps(tenants).encode()
        return [render("POST", f"{TENANTS_PATH}list/", self.writer.headers, body)]

    def w6(self) -> list[bytes]:
        """The decision for one pair: the caller and a tenant."""
        return [
            render("GET", f"{DECISION}?{urlencode({'tenant': tenant})}", who.headers)
            for who, tenant in self.persons()
        ]

    def w7(self) -> list[bytes]:
        """The decisions for 1,000 pairs."""
        return [
            render("POST", DECISION, who.headers, json.dumps(self._pairs(who, place)).encode())
            for who, place in self._people()
        ]

    def _pairs(self, who: Caller, place: int) -> list[dict[str, Any]]:
        integration = {"id": who.integration(0)}
        places = ((place + number) % self.size.tenants_each for number in range(PAIRS))
        return [
            {"integration": integration, "tenant": {"id": pk(TENANTS, who.customer, one)}}
            for one in places
        ]

    def persons(self) -> list[tuple[Caller, str]]:
        """The tenants that W6 asks about."""
        return [(who, pk(TENANTS, who.customer, place)) for who, place in self._people()]

    def _people(self) -> list[tuple[Caller, int]]:
        return [(who, place % self.size.tenants_each) for who, place in self._chosen(self.readers)]

    def search(self) -> list[bytes]:
        """A search that looks at every row of a customer."""
        query = urlencode({"_search": "nowhere-to-be-found", "_page": 1, "_page_size": 10})
        return [render("GET", f"{PATH}list/?{query}", self.callers[0].headers)]


def _tenant(number: int) -> dict[str, str]:
    return {"first_name": "Ada", "last_name": f"Holm {number}"}


def write_tenants(file: Path, form: str, rows: int) -> None:
    """Write a file of tenants of the first customer to import: `csv`, or `jsonl`."""
    organization = pk(ORGANIZATIONS, 0, 0)
    with file.open("w") as out:
        if form == "csv":
            out.write("custom_id,first_name,last_name,organization\n")
        for number in range(rows):
            said = {"custom_id": f"{form}-{number}", **_tenant(number)}
            if form == "csv":
                out.write(f"{','.join(said.values())},{organization}\n")
                continue
            out.write(json.dumps({**said, "organization": {"id": organization}}) + "\n")


def _w2(integration: str) -> dict[str, str | int]:
    order: dict[str, str | int] = {"_order_by": "-created_at", "_page": 1, "_page_size": PAGE}
    return {"integration": integration, **order}


def fetch(
    port: int, target: str, headers: Mapping[str, str], body: bytes | None = None
) -> tuple[int, bytes, Mapping[str, str]]:
    """One request by the standard library: status, body, headers."""
    given = {**headers, "Content-Type": "application/json"} if body is not None else dict(headers)
    request = urllib.request.Request(f"http://127.0.0.1:{port}{target}", body, given)
    try:
        with urllib.request.urlopen(request, timeout=120) as answer:  # noqa: S310
            return answer.status, answer.read(), answer.headers
    except urllib.error.HTTPError as error:
        return error.code, error.read(), dict(error.headers)
