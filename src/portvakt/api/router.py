"""The paths beside the resources: what there is, its documents, and the server's health."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from typing import Any

import structlog
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route, Router

from portvakt import __version__, logs
from portvakt.api.documents.served import Documents
from portvakt.errors import DatabaseUnavailable, SchemaOutdated

Lifespan = Callable[[Any], AbstractAsyncContextManager[None]]
Ready = Callable[[], Awaitable[Mapping[str, str]]]
Endpoint = Callable[[Request], Awaitable[Response]]

_log = structlog.get_logger(__name__)


def router(openapi: Documents, ready: Ready, lifespan: Lifespan) -> Router:
    """The application for everything that is no resource.

    `ready` raises `DatabaseUnavailable` or `SchemaOutdated` while requests can't be served. What
    it gives else is told: what is not as it should be, though requests are served.
    """

    async def index(_: Request) -> Response:
        """Where to read on."""
        return JSONResponse(
            {"name": "Portvakt", "version": __version__, "documents": openapi.addresses}
        )

    async def list_documents(_: Request) -> Response:
        return JSONResponse(openapi.addresses)

    async def live(_: Request) -> Response:
        return JSONResponse({"status": "alive"})

    async def is_ready(_: Request) -> Response:
        try:
            told = await ready()
        except DatabaseUnavailable as error:
            _log.warning("not ready", **logs.cause(error))
            told = {"reason": "database", "cause": error.cause.name}
        except SchemaOutdated as error:
            _log.warning("not ready", reason=str(error))
            told = {"reason": "schema"}
        else:
            return JSONResponse({"status": "ready", **told})
        return JSONResponse({"status": "not ready", **told}, 503)

    return Router(
        [
            Route("/", index),
            _open("/openapi/", list_documents),
            _open("/openapi/{application}.json", openapi.answer),
            _open("/health/live", live),
            _open("/health/ready", is_ready),
        ],
        redirect_slashes=False,
        lifespan=lifespan,
    )


def _open(path: str, endpoint: Endpoint) -> Route:
    """A route that pages of other origins may ask too; OPTIONS tells them so (`api.cors`)."""

    async def answer(request: Request) -> Response:
        if request.method == "OPTIONS":
            return Response(status_code=204, headers={"Allow": "GET, HEAD, OPTIONS"})
        return await endpoint(request)

    return Route(path, answer, methods=["GET", "OPTIONS"])
