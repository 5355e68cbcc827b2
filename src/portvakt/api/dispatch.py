"""The small ASGI application in front of Starlette's router: resources by dictionary.

Whatever is no path of a resource goes to `rest` (health, documents, the 404).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import partial

from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from portvakt.access import addresses
from portvakt.access.headers import read_claims, refused
from portvakt.api import header_names, idempotency, parameters, preconditions
from portvakt.api.body import OF_BODIES, Incoming
from portvakt.api.cors import Cors
from portvakt.api.handlers import Call
from portvakt.api.routes import Route, Routes
from portvakt.api.services import Services
from portvakt.errors import Code, Problem
from portvakt.operations.context import Context, RecheckFailed
from portvakt.schema.caller import Caller
from portvakt.schema.resource import Resource

SAFE = frozenset({"GET", "HEAD"})
"""The methods that only read."""


class Dispatch:
    """Answers requests for resources."""

    def __init__(self, services: Services, rest: ASGIApp, cors: Cors) -> None:
        self._services = services
        self._routes = Routes(services.store.registry, services.limits)
        self._rest = rest
        self._cors = cors

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request (or hand it on). Raises `Problem`."""
        path: str = scope.get("path", "")
        found = self._routes.find(path) if scope["type"] == "http" else None
        if found is not None:
            try:
                await self._answer(*found, scope, receive, send)
            except Problem as problem:
                if problem.code is Code.unauthorized:
                    self._note(problem, scope)
                raise
        elif scope["type"] == "http" and self._routes.find(path + "/") is not None:
            await _redirect(scope, receive, send)
        else:
            scope["app"] = self  # by which Starlette's router knows that errors are handled above
            await self._rest(scope, receive, send)

    def _note(self, problem: Problem, scope: Scope) -> None:
        origin = addresses.origin(scope.get("client"), scope["headers"], self._services.proxies)
        self._services.authenticator.refusals.note(
            problem, origin, scope.get("portvakt.request_id", "")
        )

    async def _answer(
        self, route: Route, pk: str, scope: Scope, receive: Receive, send: Send
    ) -> None:
        handler = route.methods.get(scope["method"])
        if handler is None and self._cors.is_preflight(scope):
            allow = {"Allow": f"{route.allow}, OPTIONS"}
            await Response(status_code=204, headers=allow)(scope, receive, send)
            return
        if handler is None:
            raise Problem(
                Code.method_not_allowed, f"Here: {route.allow}.", headers=[("Allow", route.allow)]
            )
        now = self._services.clock()
        verify = self._verification(route, scope, now)
        asked = idempotency.read(scope, self._services)
        if asked is not None:
            receive = asked.receive(receive)
        most = route.bodies.get(scope["method"], 0)
        body = Incoming(
            scope["headers"], receive, most, self._services.bounds, self._services.memory
        )

        async def run(caller: Caller) -> None:
            scope["portvakt.caller"] = caller
            context = Context(
                self._services.store,
                caller,
                now,
                self._services.new_id,
                through="api",
                request=scope.get("portvakt.request_id", ""),
            )
            try:
                if not most and header_names.has(scope, OF_BODIES):
                    await body.nothing()
                if asked is not None:
                    context = replace(context, idempotent=asked.once())
                answer = await handler(self._call(route.resource, pk, scope, context, body))
                await answer(scope, receive, idempotency.sending(context.idempotent, send))
            except Problem:
                # Why a request is refused, too, is only for callers whose credentials still hold.
                await context.recheck_credential()
                raise

        try:
            await run(await verify())
        except RecheckFailed:
            # What was verified before no longer holds: verify anew, once, from the beginning.
            await _last(run, await verify(fresh=True))
        finally:
            body.leave()

    def _call(
        self, resource: Resource, pk: str, scope: Scope, context: Context, body: Incoming
    ) -> Call:
        """What the handler is told. Raises `Problem` if query string or headers can't be read."""
        asked = preconditions.asked(scope)
        return Call(
            resource,
            context,
            self._services,
            scope["path"],
            pk,
            parameters.split(scope["query_string"], self._services.limits.query),
            body,
            accept=asked.get(b"accept", ""),
            preconditions=preconditions.parse(asked, writes=scope["method"] not in SAFE),
        )

    def _verification(
        self, route: Route, scope: Scope, now: str
    ) -> Callable[..., Awaitable[Caller]]:
        """What gives the caller, from what was kept or `fresh`; nobody where anybody may call."""
        if route.public:
            return _nobody
        claims = read_claims(scope["headers"])
        origin = addresses.origin(scope.get("client"), scope["headers"], self._services.proxies)
        platform = route.resource.platform
        return partial(self._services.authenticator.caller, claims, now, origin, platform=platform)


async def _nobody(**_: bool) -> Caller:
    return Caller(customer="")


async def _last(run: Callable[[Caller], Awaitable[None]], caller: Caller) -> None:
    """The second and last try. Raises `Problem` (unauthorized) if the proof is lost again."""
    try:
        await run(caller)
    except RecheckFailed:
        raise refused("the credential no longer holds") from None


async def _redirect(scope: Scope, receive: Receive, send: Send) -> None:
    """308 to the same path with its slash, the query string kept."""
    raw: bytes = scope.get("raw_path") or scope["path"].encode()
    query: bytes = scope["query_string"]
    target = raw.partition(b"?")[0] + b"/" + (b"?" + query if query else b"")
    await RedirectResponse(target.decode("latin-1"), 308)(scope, receive, send)
