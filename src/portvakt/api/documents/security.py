"""Who may call, as an OpenAPI document says it. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from portvakt.access.headers import HEADERS
from portvakt.schema.caller_kinds import USUAL_CALLERS, CallerKind, CredentialForm
from portvakt.schema.resource import Resource

Requirements = list[dict[str, list[str]]]

_SCHEMES = {
    "customer": "customer_id",
    "application": "application_id",
    "service": "service_id",
    "service_version": "service_version_id",
    "content_type": "client_ct",
    "object": "client_object_id",
    "secret": "client_secret",
}
"""What the reference calls a claim's security scheme; that of another has the claim's name."""


def _scheme(claim: str) -> str:
    return _SCHEMES.get(claim, claim)


def schemes(resources: Iterable[Resource]) -> dict[str, Any]:
    """The security schemes: an integration's headers, and the bearer token where it is named."""
    headers = {
        _scheme(claim): {"type": "apiKey", "in": "header", "name": header}
        for claim, header in HEADERS.items()
    }
    text = "The token of an operator or of a customer's administrator."
    bearer = {"type": "http", "scheme": "bearer", "description": text}
    named = any("bearer" in one for resource in resources for one in _required(resource))
    return {**headers, "bearer": bearer} if named else headers


def requirements(callers: Iterable[CallerKind], *, platform: bool) -> Requirements:
    """The ways in which these kinds of caller present themselves.

    Where a kind sends an integration's headers, these are all that is said, as in the reference.
    """
    found: Requirements = []
    for one in _ways(callers, platform=platform):
        if one not in found:
            found.append(one)
    return [one for one in found if "bearer" not in one] or found


def _ways(callers: Iterable[CallerKind], *, platform: bool) -> Iterator[dict[str, list[str]]]:
    for kind in callers:
        match kind.presents:
            case CredentialForm.headers:
                yield {_scheme(claim): [] for claim in HEADERS}
            case CredentialForm.token if kind.names_customer and not platform:
                yield {"bearer": [], _scheme("customer"): []}
            case CredentialForm.token:
                yield {"bearer": []}


def _required(resource: Resource) -> Requirements:
    return requirements(resource.used_by, platform=resource.platform)


USUAL = requirements(USUAL_CALLERS, platform=False)
"""What most resources require, said once for a whole document."""


def of_resource(resource: Resource) -> dict[str, Requirements]:
    """What the operations of a resource require, where it is not the usual."""
    found = _required(resource)
    return {} if found == USUAL else {"security": found}
