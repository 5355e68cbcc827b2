"""What surrounds every request: its id, its log line, and problems for whatever is raised."""

from __future__ import annotations

import re
import time
from collections.abc import Callable

import structlog
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from portvakt import logs
from portvakt.api import header_names, problems
from portvakt.api.body import Disconnected
from portvakt.api.cors import Cors, Headers
from portvakt.api.problems import RETRY_AFTER
from portvakt.api.streaming import TooSlow
from portvakt.errors import (
    Cause,
    Code,
    DatabaseUnavailable,
    Problem,
    TransactionConflict,
)

CUT_OFF = "portvakt.cut_off"
"""The name in the state of a request's scope under which the server says why it ended it."""

NO_RANGES = (b"accept-ranges", b"none")
"""Every answer is given whole (RFC 9110, 14.3)."""

_ID, _EXPECT = frozenset({b"x-request-id"}), frozenset({b"expect"})
_REQUEST_ID = re.compile(rb"[A-Za-z0-9._-]{1,64}")
_log = structlog.get_logger("portvakt.request")


class RequestMiddleware:
    """The outermost application. A request may bring its id in `X-Request-ID`."""

    def __init__(self, app: ASGIApp, new_request_id: Callable[[], str], cors: Cors) -> None:
        self._app = app
        self._cors = cors
        self._new_request_id = new_request_id

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, whatever happens."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        header_names.note(scope)
        given = _given_id(scope) if header_names.has(scope, _ID) else None
        request_id = scope["portvakt.request_id"] = given or self._new_request_id()
        answering = _Answering(scope, send, request_id, self._cors.headers(scope))
        try:
            if header_names.has(scope, _EXPECT):
                _check_expectation(scope)
            await self._app(scope, receive, answering.send)
        except Exception as error:
            await answering.fail(error, receive)
        finally:
            answering.log()


def _given_id(scope: Scope) -> str | None:
    """The first right id that the headers give the request."""
    given = (value for name, value in scope["headers"] if name == b"x-request-id")
    return next((str(value, "ascii") for value in given if _REQUEST_ID.fullmatch(value)), None)


def _check_expectation(scope: Scope) -> None:
    """Raise `Problem` for anything but what the server itself meets (RFC 9110, 10.1.1)."""
    expected = (value for name, value in scope["headers"] if name == b"expect")
    for part in b",".join(expected).split(b","):
        if part.strip().lower() not in (b"", b"100-continue"):
            raise Problem(Code.expectation_failed, "Only `Expect: 100-continue` is known here.")


class _Answering:
    """One request while it is answered."""

    def __init__(self, scope: Scope, send: Send, request_id: str, more: Headers) -> None:
        self._scope = scope
        self._send = send
        self._request_id = request_id
        self._more = more
        self._began = time.perf_counter()
        self._status = 0
        self._ended = "complete"

    async def send(self, message: Message) -> None:
        """Pass a message on, with the request's id in the headers."""
        if message["type"] == "http.response.start":
            self._status = message["status"]
            message["headers"] = [
                *message.get("headers", ()),
                NO_RANGES,
                (b"x-request-id", self._request_id.encode()),
                *self._more,
            ]
        await self._send(message)

    async def fail(self, error: Exception, receive: Receive) -> None:
        """Answer an exception; once the answer has begun, all that is left is to break it off."""
        if isinstance(error, Disconnected):
            self._ended = "client gone"
            return
        if isinstance(error, TooSlow):
            self._ended = "too slow"
        elif isinstance(error, DatabaseUnavailable):
            _log.warning("database unavailable", request_id=self._request_id, **logs.cause(error))
        elif not isinstance(error, Problem | HTTPException):
            self._ended = "failed"
            _log.error("request failed", request_id=self._request_id, **logs.trace(error))
        if self._status:
            # The server closes the connection, so that the client sees the answer is cut off.
            raise error
        refusal = await problems.answer(_problem(error), self._request_id)
        await refusal(self._scope, receive, self.send)

    def log(self) -> None:
        """One line a request. Query strings, bodies and secrets are personal: never here."""
        caller = self._scope.get("portvakt.caller")
        logs.log_request(
            request_id=self._request_id,
            method=self._scope["method"],
            path=self._scope["path"],
            status=self._status,
            ended=self._scope.get("state", {}).get(CUT_OFF, self._ended),
            milliseconds=round((time.perf_counter() - self._began) * 1000, 2),
            customer=caller and caller.customer,
            activation=caller and caller.activation,
        )


def _problem(error: Exception) -> Problem:
    if isinstance(error, Problem):
        return error
    if isinstance(error, DatabaseUnavailable):
        return problems.unavailable(error.cause)
    if isinstance(error, TransactionConflict):
        return problems.unavailable(Cause.busy)
    if isinstance(error, TooSlow):
        return Problem(Code.unavailable, "Nothing was found in time.", headers=[RETRY_AFTER])
    if isinstance(error, HTTPException):
        return _of_router(error)
    return problems.internal_error()


def _of_router(error: HTTPException) -> Problem:
    """What Starlette's router refuses: a path or a method that it doesn't know."""
    if error.status_code == Code.method_not_allowed.status:
        # Of a set, whose order each process draws anew.
        allow = ", ".join(sorted((error.headers or {}).get("Allow", "").split(", ")))
        return Problem(Code.method_not_allowed, f"Here: {allow}.", headers=[("Allow", allow)])
    return Problem(
        Code.unknown_path, "Resources' paths end with a slash. See /openapi/ for those there are."
    )
