"""The small ASGI application in front of Starlette's router: the way of a request for a resource.

Whatever is no path of a resource goes to `rest` (health, documents, the 404).
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from portvakt.access import addresses
from portvakt.access.addresses import Origin
from portvakt.access.headers import Claims, read_claims, refused
from portvakt.api import idempotency, parameters, preconditions
from portvakt.api.body import Incoming
from portvakt.api.cors import Cors
from portvakt.api.handlers import Call
from portvakt.api.idempotency import KeyedRequest
from portvakt.api.routes import Route, Routes
from portvakt.api.services import Services
from portvakt.errors import Code, Problem
from portvakt.operations.context import Context, RecheckFailed
from portvakt.schema.caller import Caller


class Dispatch:
    """Answers requests for resources."""

    def __init__(self, services: Services, routes: Routes, rest: ASGIApp, cors: Cors) -> None:
        self._services = services
        self._routes = routes
        self._context = partial(Context, services.store, new_id=services.new_id, through="api")
        self._rest = rest
        self._cors = cors

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, and log who was refused. Raises `Problem`."""
        try:
            await self._answer(scope, receive, send)
        except Problem as problem:
            if problem.code is Code.unauthorized:
                self._note(problem, scope)
            raise

    def _note(self, problem: Problem, scope: Scope) -> None:
        origin = addresses.origin(scope.get("client"), scope["headers"], self._services.proxies)
        refusals = self._services.authenticator.refusals
        refusals.note(problem, origin, scope.get("portvakt.request_id", ""))

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        """A request's way, a step a line, and beside it what the step may refuse with."""
        services = self._services
        found = self._routes.find(scope["path"]) if scope["type"] == "http" else None
        if found is None:  # documents, health; else 404
            return await self._elsewhere(scope, receive, send)
        route, pk = found
        handler = route.methods.get(scope["method"])
        if handler is None:  # else 405
            return await self._without_handler(route, scope)(scope, receive, send)
        now = services.clock()
        claims = None if route.public else read_claims(scope["headers"])  # else 400, 401
        origin = addresses.origin(scope.get("client"), scope["headers"], services.proxies)
        key = idempotency.read(scope, services)
        body = self._body(route, scope, receive, key)
        try:
            for fresh in (False, True):  # as kept; and where that no longer holds, verified anew
                caller = await self._caller(route, claims, origin, now, fresh=fresh)  # else 401
                scope["portvakt.caller"] = caller  # for the log
                context = self._context(caller, now, request=scope.get("portvakt.request_id", ""))
                try:
                    await body.refuse_unexpected(scope)  # else 400, 408
                    if key is not None:
                        context = replace(context, idempotent=key.once())  # else 400
                    call = self._call(route, pk, scope, context, body)  # else 400, 414
                    answer = await handler(call)  # else 403, 404, 409, 412 ...
                    sending = idempotency.sending(context.idempotent, send)
                    return await answer(scope, receive, sending)  # else 503
                except RecheckFailed:
                    continue
                except Problem:  # why is only for callers whose credentials still hold
                    if await _holds(context):
                        raise
            raise refused("the credential no longer holds")  # 401
        finally:
            body.leave()

    async def _elsewhere(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer what is no path of a resource, but perhaps would be one with a slash behind."""
        if scope["type"] == "http" and self._routes.find(scope["path"] + "/") is not None:
            await _redirect(scope, receive, send)
        else:
            scope["app"] = self  # by which Starlette's router knows that errors are handled above
            await self._rest(scope, receive, send)

    def _without_handler(self, route: Route, scope: Scope) -> Response:
        """What a page is told that asks what it may send. Raises `Problem` for any other method."""
        if self._cors.is_preflight(scope):
            return Response(status_code=204, headers={"Allow": f"{route.allow}, OPTIONS"})
        raise Problem(
            Code.method_not_allowed, f"Here: {route.allow}.", headers=[("Allow", route.allow)]
        )

    def _body(
        self, route: Route, scope: Scope, receive: Receive, key: KeyedRequest | None
    ) -> Incoming:
        """The body, bounded, and not read before it is asked for."""
        if key is not None:
            receive = key.receive(receive)
        most, services = route.bodies.get(scope["method"], 0), self._services
        return Incoming(scope["headers"], receive, most, services.bounds, services.memory)

    async def _caller(
        self, route: Route, claims: Claims | None, origin: Origin, now: str, *, fresh: bool
    ) -> Caller:
        """Who asks, from what was kept or verified `fresh`; nobody where anybody may ask."""
        if claims is None:
            return Caller(customer="")
        platform, authenticator = route.resource.platform, self._services.authenticator
        return await authenticator.caller(claims, now, origin, platform=platform, fresh=fresh)

    def _call(self, route: Route, pk: str, scope: Scope, context: Context, body: Incoming) -> Call:
        """What the handler is told. Raises `Problem` if query string or headers can't be read."""
        services, path = self._services, scope["path"]
        pairs = parameters.split(scope["query_string"], services.limits.query)
        accept, conditions = preconditions.read(scope)
        return Call(route.resource, context, services, path, pk, pairs, body, accept, conditions)


async def _holds(context: Context) -> bool:
    """Whether the caller's credential still is what it was when it was verified."""
    try:
        await context.recheck_credential()
    except RecheckFailed:
        return False
    return True


async def _redirect(scope: Scope, receive: Receive, send: Send) -> None:
    """308 to the same path with its slash, the query string kept."""
    raw: bytes = scope.get("raw_path") or scope["path"].encode()
    query: bytes = scope["query_string"]
    target = raw.partition(b"?")[0] + b"/" + (b"?" + query if query else b"")
    await RedirectResponse(target.decode("latin-1"), 308)(scope, receive, send)
