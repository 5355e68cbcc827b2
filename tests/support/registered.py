"""Integrations that a test registers for itself, as an operator does it: over the API."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import httpx

from portvakt.access.headers import HEADERS
from portvakt.schema.registry import content_type_id
from tests.support.examples import TENANTS, samples
from tests.support.people import CUSTOMER, bearer
from tests.support.servers import Customer, Server

Item = dict[str, Any]

APPLICATIONS = "/platform/application/"
SERVICES = "/platform/service/"
VERSIONS = "/platform/serviceversion/"
ACTIVATIONS = "/accounts/users/api/integrationuseragent/"
CREDENTIALS = "/platform/credential/"

ORGANIZATION = "sales.organization"

ALL = ["read", "create", "update", "delete", "all"]
LIST = f"{TENANTS.path}list/"


def faults(answer: httpx.Response) -> list[tuple[str, str]]:
    """The code and the place of each fault of a refusal."""
    assert answer.status_code == 422, answer.text
    return [(error["code"], error["pointer"]) for error in answer.json()["errors"]]


@dataclass(frozen=True)
class Operator:
    """An operator at work on the first customer of a server."""

    server: Server
    client: httpx.Client

    @property
    def headers(self) -> dict[str, str]:
        """The operator's headers, with the customer whose data it is."""
        return bearer(self.server.operator, self.server.customers[0].id)

    def send(
        self, method: str, path: str, body: Any = None, customer: str = "", **more: Any
    ) -> httpx.Response:
        """A request, about another customer if told."""
        headers = {**self.headers, **({CUSTOMER: customer} if customer else {})}
        if body is not None:
            more["json"] = body
        return self.client.request(method, path, headers=headers, **more)

    def make(self, path: str, body: Any, **more: Any) -> Item:
        """What a POST makes."""
        answer = self.send("POST", path, body, **more)
        assert answer.status_code == 201, answer.text
        made: Item = answer.json()
        return made

    def change(self, path: str, pk: str, **changes: Any) -> httpx.Response:
        """An update of an item."""
        return self.send("PATCH", f"{path}{pk}/", changes)

    def first(self, kind: str) -> str:
        """The id of the first customer's first item of a kind (`sandbox.data.KINDS`)."""
        return samples().customers[0].ids(kind)[0]

    # -- the life of an integration ---------------------------------------------------------------

    def service(self, level: str = ORGANIZATION, **application: Any) -> Item:
        """A new service of a new application, which is public unless told."""
        named = {"name": uuid4().hex, "visibility": "public", **application}
        owner = self.make(APPLICATIONS, named)["id"]
        kind = {"id": content_type_id(level)}
        return self.make(SERVICES, {"application": {"id": owner}, "name": "sync", "level": kind})

    def version(self, service: Item, number: int = 1, **fields: Any) -> Item:
        """A new version of a service, which is published unless told."""
        body = {"service": {"id": service["id"]}, "number": number, "state": "published", **fields}
        return self.make(VERSIONS, body)

    def wanted(self, service: Item, version: Item, **fields: Any) -> Item:
        """The body of an activation on the first organization unless told."""
        return {
            "application_id": service["application"]["id"],
            "service_id": service["id"],
            "service_version_id": version["id"],
            "clashing_priority": 0,
            "activation_content_type": service["level"],
            "activation_object_id": self.first("organization"),
            **fields,
        }

    def activate(self, service: Item, version: Item, **fields: Any) -> Item:
        """A new activation."""
        return self.make(ACTIVATIONS, self.wanted(service, version, **fields))

    def caller(self, activation: Item, customer: str = "") -> Customer:
        """The headers of an activation, with a new secret."""
        body = {"integration": {"id": activation["id"]}}
        secret = self.make(CREDENTIALS, body, customer=customer)["secret"]
        values = (
            *(customer or self.server.customers[0].id, activation["application_id"]),
            *(activation["service_id"], activation["service_version_id"]),
            *(activation["activation_content_type"]["id"], activation["activation_object_id"]),
            secret,
        )
        return Customer(dict(zip(HEADERS.values(), values, strict=True)), {})

    def integration(
        self, rights: dict[str, list[str]], activation: Item | None = None, **version: Any
    ) -> tuple[Item, Customer]:
        """A new activation whose version has these rights, and its headers."""
        service = self.service()
        made = self.version(service, allowed_access=rights, **version)
        active = self.activate(service, made, **(activation or {}))
        return active, self.caller(active)
