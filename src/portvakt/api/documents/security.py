"""Who may call, as an OpenAPI document says it. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from portvakt.schema.resource import ADMINISTRATOR, CALLERS, INTEGRATION, OPERATOR, Resource

Requirements = list[dict[str, list[str]]]

SECURITY_HEADERS = {
    "customer_id": "X-PIGELLO-CUSTOMER-ID",
    "application_id": "X-PIGELLO-APPLICATION-ID",
    "service_id": "X-PIGELLO-SERVICE-ID",
    "service_version_id": "X-PIGELLO-SERVICE-VERSION-ID",
    "client_ct": "X-PIGELLO-CLIENT-CT",
    "client_object_id": "X-PIGELLO-CLIENT-ENTITY",
    "client_secret": "X-PIGELLO-CLIENT-SECRET",
}
"""The seven security schemes and their headers (docs/reference/interface.md#credentials)."""


def schemes(resources: Iterable[Resource]) -> dict[str, Any]:
    """The security schemes: an integration's headers, and the bearer token where it is named."""
    headers = {
        name: {"type": "apiKey", "in": "header", "name": header}
        for name, header in SECURITY_HEADERS.items()
    }
    text = "The token of an operator or of a customer's administrator."
    bearer = {"type": "http", "scheme": "bearer", "description": text}
    named = any(INTEGRATION not in resource.used_by for resource in resources)
    return {**headers, "bearer": bearer} if named else headers


def requirements(callers: tuple[str, ...], *, platform: bool) -> Requirements:
    """The ways in which these kinds of caller present themselves.

    Where integrations may call, their seven headers are all that is said, as in the reference.
    """
    if INTEGRATION in callers:
        return [{name: [] for name in SECURITY_HEADERS}]
    found: Requirements = []
    if ADMINISTRATOR in callers or platform:
        found.append({"bearer": []})
    if OPERATOR in callers and not platform:
        found.append({"bearer": [], "customer_id": []})
    return found


USUAL = requirements(CALLERS, platform=False)
"""What most resources require, said once for a whole document."""


def of_resource(resource: Resource) -> dict[str, Requirements]:
    """What the operations of a resource require, where it is not the usual."""
    found = requirements(resource.used_by, platform=resource.platform)
    return {} if found == USUAL else {"security": found}
