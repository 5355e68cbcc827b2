"""Which pages of other origins may read what is answered (the Fetch standard's CORS protocol).

Documents and health are everybody's. The API is nobody's but the origins' that a setting names:
its credentials have no place in a foreign page.
"""

from __future__ import annotations

import re

from starlette.types import Scope

from portvakt.access.headers import HEADERS
from portvakt.errors import SettingsError

Headers = list[tuple[bytes, bytes]]

OPEN = ("/openapi/", "/health/")
"""What begins the paths that every page may read."""

ANY = "*"

SENT = (
    *HEADERS.values(),
    *("Authorization", "Content-Type", "Idempotency-Key", "If-Match", "If-None-Match"),
    "X-Request-ID",
)
"""The headers that a page may send."""

SHOWN = (
    "Allow, ETag, Idempotency-Changed, Idempotency-Replayed, Link, Location, Retry-After, "
    "WWW-Authenticate, X-Request-ID, X-Total-Count"
)
"""The headers that a page may read, besides those that it always may."""

_ORIGIN = re.compile(
    r"[a-z][a-z0-9+.-]*://[a-z0-9.-]+(:[0-9]{1,5})?|[a-z]+://\[[0-9a-f:]+\](:[0-9]+)?"
)
_METHODS = b"GET, HEAD, POST, PATCH, DELETE"
_SECONDS = b"600"  # for which a browser needn't ask again
_GRANT = b"access-control-allow-origin"
_EXPOSED = (b"access-control-expose-headers", SHOWN.encode())
_PREFLIGHT: Headers = [
    (b"access-control-allow-methods", _METHODS),
    (b"access-control-allow-headers", ", ".join(SENT).encode()),
    (b"access-control-max-age", _SECONDS),
]
_VARY = (b"vary", b"Origin")


class Cors:
    """What each answer says of origins. `origins`: those that may use the API, or `*` for any."""

    def __init__(self, origins: str) -> None:
        """Raises `SettingsError` if one of them is no origin."""
        named = [one.strip() for one in origins.split(",") if one.strip()]
        for one in named:
            if one != ANY and _ORIGIN.fullmatch(one) is None:
                message = (
                    f"PORTVAKT_CORS_ORIGINS: {one!r} is no origin, such as https://example.com"
                )
                raise SettingsError(f"{message}, nor *.")
        self._origins = {one.encode() for one in named}
        self._any = ANY in named

    def is_preflight(self, scope: Scope) -> bool:
        """Whether a page that may use the API asks what it may send. No other OPTIONS is known."""
        return (
            scope["method"] == "OPTIONS"
            and bool(self._origins)
            and _header(scope, b"access-control-request-method") != b""
            and (self._any or _header(scope, b"origin") in self._origins)
        )

    def headers(self, scope: Scope) -> Headers:
        """What is added to the answer to this request; to OPTIONS the preflight's answer too."""
        if scope["path"].startswith(OPEN):
            granted: Headers = [(_GRANT, b"*"), _EXPOSED]
        elif not self._origins:
            return []
        else:
            granted = self._granted(scope)
        preflight = scope["method"] == "OPTIONS" and granted[0][0] == _GRANT
        return [*granted, *_PREFLIGHT] if preflight else granted

    def _granted(self, scope: Scope) -> Headers:
        if self._any:
            return [(_GRANT, b"*"), _EXPOSED]
        origin = _header(scope, b"origin")
        # Also to whom nothing is granted: what is kept of this answer is not for others.
        return [(_GRANT, origin), _EXPOSED, _VARY] if origin in self._origins else [_VARY]


def _header(scope: Scope, wanted: bytes) -> bytes:
    value: bytes = next((value for name, value in scope["headers"] if name == wanted), b"")
    return value
