"""The OpenAPI documents as they are served: made when they are first asked for, and kept."""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import json
from collections.abc import Mapping
from typing import Any, NamedTuple

from starlette.requests import Request
from starlette.responses import Response

from portvakt.api import accept, parameters
from portvakt.api.documents.openapi import PROFILES, VERSIONS, Form, document
from portvakt.api.limits import Limits
from portvakt.api.parameters import Controls
from portvakt.errors import Code, FaultCode, Problem
from portvakt.schema.registry import Registry
from portvakt.schema.values import InvalidValue

_CONTROLS = ("openapi", "profile")


class _Body(NamedTuple):
    """One representation: its bytes, and the tag that stands for exactly these."""

    content: bytes
    etag: str

    @classmethod
    def of(cls, content: bytes) -> _Body:
        return cls(content, f'"{hashlib.sha256(content).hexdigest()[:32]}"')


class Documents:
    """The documents of all applications, in each form; they tell the limits that are set."""

    def __init__(self, registry: Registry, limits: Limits) -> None:
        self._registry = registry
        self._limits = limits
        self._making = asyncio.Lock()
        self._made: dict[tuple[str, Form], dict[str, _Body]] = {}
        offered = {resource.application for resource in registry.offered}
        self.addresses = {
            label: f"/openapi/{label}.json" for label in registry.applications if label in offered
        }

    async def answer(self, request: Request) -> Response:
        """The document of the application in the path. Raises `Problem`."""
        application = request.path_params["application"]
        if application not in self.addresses:
            raise Problem(Code.unknown_path, "There is no such application. See /openapi/.")
        form = self._form(request.scope["query_string"])
        bodies = self._made.get((application, form)) or await self._make(application, form)
        return _answer(bodies, request.headers)

    async def _make(self, application: str, form: Form) -> dict[str, _Body]:
        """Make a document: some tenths of a second for a large one, in which others are answered.

        One at a time, so that many who ask for a new one have it made once.
        """
        async with self._making:
            made = self._made.get((application, form))
            if made is None:
                made = await asyncio.to_thread(_bodies, self._registry, application, form)
                self._made[application, form] = made
            return made

    def _form(self, query_string: bytes) -> Form:
        controls = Controls(parameters.split(query_string, self._limits.query), _CONTROLS)
        version = controls.take("openapi", lambda text: _one_of(text, VERSIONS), VERSIONS[0])
        profile = controls.take("profile", lambda text: _one_of(text, PROFILES), PROFILES[0])
        controls.refuse_rest(_CONTROLS)
        parameters.refuse(controls.faults)
        return Form(profile, version, self._limits)


def _one_of(text: str, options: tuple[Any, ...]) -> Any:
    if text not in options:
        raise InvalidValue(FaultCode.not_an_option, f"Expected {' or '.join(options)}.")
    return text


def _bodies(registry: Registry, application: str, form: Form) -> dict[str, _Body]:
    """The document by content coding, without the white space that people would want."""
    made = document(registry, application, form)
    text = json.dumps(made, ensure_ascii=False, separators=(",", ":")).encode()
    return {"": _Body.of(text), "gzip": _Body.of(gzip.compress(text, 9, mtime=0))}


def _answer(bodies: Mapping[str, _Body], headers: Mapping[str, str]) -> Response:
    weights = accept.weights(headers.get("accept-encoding", ""))
    coding = "gzip" if weights.get("gzip", weights.get("*", 0.0)) > 0 else ""
    body = bodies[coding]
    told = {
        "ETag": body.etag,
        "Cache-Control": "public, no-cache",  # kept, and asked for anew each time: a 304 is small
        "Vary": "Accept-Encoding",
    }
    if _matches(headers.get("if-none-match", ""), body.etag):
        return Response(status_code=304, headers=told)
    if coding:
        told["Content-Encoding"] = coding
    return Response(body.content, headers=told, media_type="application/json")


def _matches(given: str, etag: str) -> bool:
    """Whether `If-None-Match` names this tag (RFC 9110, 13.1.2: a weak one is as good)."""
    tags = [tag.strip().removeprefix("W/") for tag in given.split(",")]
    return etag in tags or tags == ["*"]
