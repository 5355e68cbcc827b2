"""The table of who may do what is fresh, and has every route of the server."""

from __future__ import annotations

from portvakt.action_table import ACTIONS
from portvakt.api.routes import Routes
from portvakt.schema.caller_kinds import CALLER_KINDS
from portvakt.schema.operations import Operation
from tests.support.access_table import GOLDEN, SERVICE, steps, table, without_column
from tests.support.examples import ONE_DATABASE, registry
from tests.support.servers import Server

PK = Operation.get.tail


@ONE_DATABASE
def test_the_table_is_fresh(server: Server, server_database: str) -> None:
    """What the running server allows is what was reviewed; if it is meant so: `make golden`."""
    assert table(server, server_database) == GOLDEN.read_text("utf-8")


def test_the_table_has_every_kind_of_caller() -> None:
    """Each is in a column, or it is told where to add one."""
    assert without_column(CALLER_KINDS.values()) == []


def test_the_table_has_every_route() -> None:
    """No method of any path is answered that the table doesn't ask for; HEAD is asked as GET."""
    routes = Routes(registry(), ACTIONS)
    answered = {(method, path) for path, route in routes.exact.items() for method in route.methods}
    answered |= {(m, path + PK) for path, route in routes.items.items() for m in route.methods}
    answered |= {
        (method, before + PK + after)
        for (before, after), route in routes.of_items.items()
        for method in route.methods
    }
    asked = {(step.method, step.path) for one in registry().offered for step in steps(one)}
    asked |= {("HEAD", path) for method, path in asked if method == "GET"}
    assert answered == asked


@ONE_DATABASE
def test_the_table_has_what_is_no_resource(server: Server) -> None:
    """The documents and the server's health are asked for as well."""
    with server.client(None) as client:
        index = client.get("/openapi/").json()
        assert {client.get(path).status_code for path in (*SERVICE, *index.values())} == {200}
