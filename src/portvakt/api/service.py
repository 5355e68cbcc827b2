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
from portvakt.errors import Code, DatabaseUnavailable, Problem, SchemaOutdated

Lifespan = Callable[[Any], AbstractAsyncContextManager[None]]
Ready = Callable[[], Awaitable[Mapping[str, str]]]
Documents = Mapping[str, bytes]

_log = structlog.get_logger(__name__)


def documents(rendered: Mapping[str, str]) -> Documents:
    """OpenAPI documents by application, encoded."""
    return {application: text.encode() for application, text in rendered.items()}


def router(openapi: Documents, ready: Ready, lifespan: Lifespan) -> Router:
    """The application for everything that is no resource.

    `ready` raises `DatabaseUnavailable` or `SchemaOutdated` while requests can't be served. What
    it gives else is told: what is not as it should be, though requests are served.
    """

    async def index(_: Request) -> Response:
        """Where to read on."""
        return JSONResponse(
            {"name": "Portvakt", "version": __version__, "documents": _addresses(openapi)}
        )

    async def list_documents(_: Request) -> Response:
        return JSONResponse(_addresses(openapi))

    async def document(request: Request) -> Response:
        text = openapi.get(request.path_params["application"])
        if text is None:
            raise Problem(Code.unknown_path, "There is no such application. See /openapi/.")
        return Response(text, media_type="application/json")

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
            Route("/openapi/", list_documents),
            Route("/openapi/{application}.json", document),
            Route("/health/live", live),
            Route("/health/ready", is_ready),
        ],
        redirect_slashes=False,
        lifespan=lifespan,
    )


def _addresses(openapi: Documents) -> dict[str, str]:
    return {application: f"/openapi/{application}.json" for application in openapi}
