"""Who may do what, asked of a running server: the table in `tests/golden/access.txt`.

    python -m tests.support.access_table          writes it anew (`make golden`)

Every path and method is asked for by each kind of caller, about an item that is nowhere or with a
body that is empty. What gets as far as that the policy allows; else the refusal's code is told.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple
from uuid import uuid4

import httpx

from portvakt.schema.caller_kinds import ADMINISTRATOR, INTEGRATION, OPERATOR, CallerKind
from portvakt.schema.operations import Operation
from portvakt.schema.resource import Resource
from portvakt.schema.rights import READ
from tests.support import stored
from tests.support.beside_servers import EVERYTHING, another_integration, grant
from tests.support.examples import registry, samples
from tests.support.people import administrator, bearer, log_in, operator
from tests.support.servers import Server, sandbox

GOLDEN = Path(__file__).parents[1] / "golden" / "access.txt"
NOWHERE = "00000000-0000-4000-8000-000000000000"
ALLOWED = ("invalid", "not_found")
"""The codes of refusals that come after the policy: an empty body, an item that is nowhere."""

SERVICE = ("/", "/openapi/", "/openapi/integrations.json", "/health/live", "/health/ready")
"""What is no resource."""

READER, NOBODY = 2, 3
"""The places of the sample's integrations whose rights are taken away; others don't ask as them."""

QUERIES = {
    "check": f"?integration={NOWHERE}&tenant={NOWHERE}",
    "accessible": f"?integration={NOWHERE}&kind=tenant",
}
"""What must be asked for by parameters, by the action's name."""

HEAD = """\
# Who may do what: each kind of caller x each resource x each operation.
#
# + is allowed; else the code of the refusal: `unauthorized` (401) needs other credentials,
# `forbidden` (403) this caller can't, or not with its rights.
#
# Asked of a running server by `make golden`; a test fails while it is not fresh. Read its diff.
#
# nobody         without credentials
# all            an integration whose version has all rights to all resources
# read           an integration whose version may read all resources
# none           an integration whose version has no rights
# administrator  of the customer
# customer       an operator, for the customer's data
# operator       an operator who names no customer
"""


COLUMNS: dict[str, CallerKind | None] = {
    "nobody": None,
    "all": INTEGRATION,
    "read": INTEGRATION,
    "none": INTEGRATION,
    "administrator": ADMINISTRATOR,
    "customer": OPERATOR,
    "operator": OPERATOR,
}
"""The columns, and the kind of caller that each is about."""


class Step(NamedTuple):
    """One thing to ask for: its line in the table, and the request."""

    name: str
    method: str
    path: str
    body: Any = None
    query: str = ""


def steps(resource: Resource) -> Iterator[Step]:
    """All that can be asked of a resource."""
    for operation, path in resource.paths.items():
        title, method = operation.title.lower(), operation.method
        if operation is Operation.bulk:
            yield Step(f"{title}, new", method, path, [{}])
            yield Step(f"{title}, known", method, path, [{"id": NOWHERE}])
        else:
            sent: dict[str, Any] | None = {} if method in ("POST", "PATCH") else None
            yield Step(title, method, path, sent)
    for form in resource.list_forms:
        yield Step(form.title.lower(), "GET", resource.path + form.tail)
    if resource.has_history:
        yield Step("history", "GET", f"{resource.path}{{pk}}/history/")
    if resource.mapping:
        yield Step("resolve", "POST", f"{resource.path}resolve/", [{}])
    for action in resource.actions:
        path, query = action.path(resource.path), QUERIES.get(action.name, "")
        body: Any = [{}] if action.each else {} if action.body else None
        yield Step(f"{action.name} (action)", action.method, path, body, query)


def without_column(kinds: Iterable[CallerKind]) -> list[str]:
    """What is to be done of the kinds of caller that no column is about."""
    return [
        f"tests/support/access_table.py: give {kind.plural} a column in COLUMNS, HEAD and callers()"
        for kind in kinds
        if kind not in COLUMNS.values()
    ]


def callers(server: Server, database: str) -> dict[str, dict[str, str]]:
    """The headers of each kind of caller."""
    sample = samples().customers[0]

    async def with_rights(index: int, rights: dict[str, list[str]]) -> dict[str, str]:
        made = await another_integration(database, server.keys, sample, index)
        version = made.headers["X-PIGELLO-SERVICE-VERSION-ID"]
        await grant(database, version, rights)
        return made.headers

    with server.client(None) as client:
        made = administrator(client, server, f"{uuid4().hex}@example.com")
        token = log_in(client, server, made["email"]).json()["token"]
    headers = {
        "nobody": {},
        "all": server.customers[0].headers,
        "read": stored.run(with_rights(READER, {name: [READ] for name in EVERYTHING})),
        "none": stored.run(with_rights(NOBODY, {})),
        "administrator": bearer(token),
        "customer": operator(server, 0),
        "operator": operator(server),
    }
    return {column: headers[column] for column in COLUMNS}


def outcome(answer: httpx.Response) -> str:
    """What became of a request: allowed, or the code of the refusal."""
    if answer.is_success:
        return "+"
    code: str = answer.json()["code"]
    return "+" if code in ALLOWED else code


def table(server: Server, database: str) -> str:
    """The whole table, as text."""
    asking = callers(server, database)
    lines = [HEAD, _line("", asking)]
    with server.client(None) as client:

        def asked(step: Step) -> str:
            path = step.path.format(pk=NOWHERE) + step.query
            sent: dict[str, Any] = {} if step.body is None else {"json": step.body}
            found = (
                outcome(client.request(step.method, path, headers=headers, **sent))
                for headers in asking.values()
            )
            return _line(f"  {step.name}", found)

        for resource in registry().offered:
            lines += ["", resource.name, *(asked(step) for step in steps(resource))]
        lines += ["", "documents and health"]
        lines += [asked(Step(path, "GET", path)) for path in SERVICE]
    return "\n".join(lines) + "\n"


def _line(name: str, cells: Any) -> str:
    return (f"{name:29}" + "".join(f"{cell:14}" for cell in cells)).rstrip()


def main() -> None:
    """Write the table anew, from a sandbox of its own."""
    with tempfile.TemporaryDirectory() as folder:
        database = f"sqlite:///{folder}/portvakt.db"
        with sandbox(Path(folder), database) as server:
            version = samples().customers[0].first_integration["service_version_id"]
            stored.run(grant(database, version, EVERYTHING))
            GOLDEN.write_text(table(server, database), "utf-8")


if __name__ == "__main__":
    main()
