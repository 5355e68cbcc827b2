"""The headers by which a caller says who it is (docs/reference/interface.md#credentials).

Integrations send seven headers. People send `Authorization: Bearer <token>`, and operators beside
it the customer whose data they mean.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from portvakt.errors import Code, Fault, FaultCode, Problem

HEADERS: Mapping[str, str] = {
    "customer": "X-PIGELLO-CUSTOMER-ID",
    "application": "X-PIGELLO-APPLICATION-ID",
    "service": "X-PIGELLO-SERVICE-ID",
    "service_version": "X-PIGELLO-SERVICE-VERSION-ID",
    "content_type": "X-PIGELLO-CLIENT-CT",
    "object": "X-PIGELLO-CLIENT-ENTITY",
    "secret": "X-PIGELLO-CLIENT-SECRET",
}
"""The header of each claim of an integration, and of the secret."""

SECRET = "secret"  # noqa: S105 - the name of a claim
NAMING = tuple(claim for claim in HEADERS if claim != SECRET)
"""What names an activation: all claims of an integration but the secret."""

TOKEN = "token"  # noqa: S105 - the name of a claim
_NAMES = {**HEADERS, TOKEN: "Authorization"}
_BY_WIRE_NAME = {header.lower().encode(): claim for claim, header in _NAMES.items()}

Claims = dict[str, str]
"""What a caller claims: an integration's seven values, or a token and perhaps a customer."""


def read_claims(headers: Iterable[tuple[bytes, bytes]]) -> Claims:
    """The claims of a request.

    Raises `Problem`: unauthorized if a header is missing; invalid_headers if one occurs twice, or
    if a token comes together with an integration's headers.
    """
    claims = _read(headers)
    scheme, _, token = claims.pop(TOKEN, "").partition(" ")
    if scheme.lower() == "bearer":
        return _of_person(claims, token.strip())
    missing = [claim for claim in HEADERS if not claims.get(claim)]
    if missing:
        names = ", ".join(HEADERS[claim] for claim in missing)
        raise unauthorized(f"Missing: {names}.", _missing(missing), why="headers missing")
    return claims


def render_headers(values: Mapping[str, str], claims: Iterable[str] = HEADERS) -> dict[str, str]:
    """The headers of an integration with these values, by claim.

    Raises `ValueError`, with the names of the headers, where claims have no value.
    """
    missing = [HEADERS[claim] for claim in claims if claim not in values]
    if missing:
        raise ValueError(f"nothing to send as {', '.join(missing)}")
    return {HEADERS[claim]: values[claim] for claim in claims}


def peek(headers: Iterable[tuple[bytes, bytes]]) -> Claims:
    """The claims as far as there are any, for the log; of a header that occurs twice the last."""
    return {
        claim: value.decode("latin-1").strip()
        for name, value in headers
        if (claim := _BY_WIRE_NAME.get(name)) is not None
    }


def _read(headers: Iterable[tuple[bytes, bytes]]) -> Claims:
    claims: Claims = {}
    twice: list[str] = []
    for name, value in headers:
        claim = _BY_WIRE_NAME.get(name)
        if claim is not None:
            if claim in claims:
                twice.append(claim)
            claims[claim] = value.decode("latin-1").strip()
    if twice:
        raise Problem(
            Code.invalid_headers,
            "A credential header occurs more than once.",
            [_fault(claim, FaultCode.duplicate, "Send it once.") for claim in twice],
        )
    return claims


def _of_person(claims: Claims, token: str) -> Claims:
    others = [claim for claim in claims if claim != "customer"]
    if others:
        detail = "A bearer token can't be sent together with this header."
        raise Problem(
            Code.invalid_headers,
            "Send either a bearer token or an integration's headers.",
            [_fault(claim, FaultCode.excludes, detail) for claim in others],
        )
    return {**claims, TOKEN: token}


def customer_missing() -> Problem:
    """An operator asked for a customer's data and named no customer."""
    names = f"Missing: {HEADERS['customer']}."
    return unauthorized(names, _missing(["customer"]), why="headers missing")


def _missing(claims: Iterable[str]) -> list[Fault]:
    return [_fault(claim, FaultCode.missing, "This header is required.") for claim in claims]


def _fault(claim: str, code: FaultCode, detail: str) -> Fault:
    return Fault(code, _NAMES[claim], detail, place="header")


def unauthorized(detail: str, faults: Sequence[Fault] = (), *, why: str) -> Problem:
    """The 401 answer; `why` is for the log."""
    schemes = 'ApiKey realm="portvakt", Bearer realm="portvakt"'
    return Problem(
        Code.unauthorized, detail, faults, headers=[("WWW-Authenticate", schemes)], why=why
    )


def refused(why: str) -> Problem:
    """The one answer to credentials of which anything is wrong; only the log is told `why`."""
    return unauthorized("The credentials were not accepted.", why=why)
