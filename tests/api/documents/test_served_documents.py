"""The OpenAPI documents as a server gives them, and which pages may ask for what."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from portvakt.access.headers import HEADERS
from portvakt.api.cors import Cors
from portvakt.api.documents.openapi import Form, document
from portvakt.api.documents.responses import HEADERS as DESCRIBED
from portvakt.errors import SettingsError
from tests.support.examples import ANSWERS, registry
from tests.support.servers import Seeded, Server, seed, serve

PATH = "/openapi/integrations.json"
PAGE = "https://desk.example.com"
STRANGER = "https://elsewhere.example.com"
LIST = f"{ANSWERS.path}list/"


@pytest.mark.parametrize("profile", ["reference", "client"])
@pytest.mark.parametrize("version", ["3.1", "3.0"])
def test_a_document_comes_in_each_form(anonymous: httpx.Client, profile: str, version: str) -> None:
    """By profile and version, without white space, and as the declarations make it."""
    answer = anonymous.get(PATH, params={"profile": profile, "openapi": version})
    assert answer.status_code == 200
    assert answer.json() == document(registry(), "integrations", Form(profile, version))
    assert answer.json()["openapi"].startswith(version)
    assert b"\n" not in answer.content
    if (profile, version) == ("reference", "3.1"):
        assert answer.content == anonymous.get(PATH).content


@pytest.mark.parametrize(
    ("query", "parameter", "code"),
    [
        ("profile=clients", "profile", "not_an_option"),
        ("openapi=2.0", "openapi", "not_an_option"),
        ("openapi=3.0&openapi=3.1", "openapi", "duplicate"),
        ("profil=client", "profil", "unknown_parameter"),
    ],
)
def test_a_wrong_parameter_of_a_document_is_told(
    anonymous: httpx.Client, query: str, parameter: str, code: str
) -> None:
    """Nothing is silently ignored here either."""
    answer = anonymous.get(f"{PATH}?{query}")
    assert answer.status_code == 400
    (error,) = answer.json()["errors"]
    assert (error["parameter"], error["code"]) == (parameter, code)


def raw(client: httpx.Client, **headers: str) -> tuple[httpx.Response, bytes]:
    """The answer to a Get of the document, and its body as it travelled."""
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    with client.stream("GET", PATH, headers=sent) as answer:
        return answer, b"".join(answer.iter_raw())


@pytest.mark.parametrize(
    ("accept", "coding"),
    [
        ("gzip", "gzip"),
        ("br, GZIP;q=0.5", "gzip"),
        ("*", "gzip"),
        ("gzip;q=0, *", None),
        ("identity", None),
        ("", None),
    ],
)
def test_a_document_is_compressed_for_who_accepts_it(
    anonymous: httpx.Client, accept: str, coding: str | None
) -> None:
    """Both are the same document, and caches are told what tells them apart."""
    answer, body = raw(anonymous, accept_encoding=accept)
    plain = raw(anonymous, accept_encoding="identity")[1]
    assert answer.headers.get("Content-Encoding") == coding
    assert (gzip.decompress(body) if coding else body) == plain
    assert answer.headers["Content-Length"] == str(len(body))
    assert answer.headers["Vary"] == "Accept-Encoding"
    assert answer.headers["Cache-Control"] == "public, no-cache"


def test_a_document_that_is_known_is_not_sent_again(anonymous: httpx.Client) -> None:
    """Each coding and each form has a tag of its own; one that fits is answered by 304."""
    tags = []
    for coding in ("gzip", "identity"):
        answer, _ = raw(anonymous, accept_encoding=coding)
        tag = answer.headers["ETag"]
        assert tag.startswith('"')
        tags.append(tag)
        for known in (tag, f'"other", {tag}', f"W/{tag}", "*"):
            again, body = raw(anonymous, accept_encoding=coding, if_none_match=known)
            assert (again.status_code, body) == (304, b"")
            assert again.headers["ETag"] == tag
            assert again.headers["Vary"] == "Accept-Encoding"
    other = anonymous.get(PATH, params={"profile": "client"}).headers["ETag"]
    assert len({*tags, other}) == 3
    whole, body = raw(anonymous, accept_encoding="gzip", if_none_match=tags[1])
    assert (whole.status_code, bool(body)) == (200, True)


# --- other origins --------------------------------------------------------------------------------


OPEN = (PATH, "/openapi/", "/openapi/nothing.json", "/health/live", "/health/ready")


@pytest.fixture(scope="module")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str, Seeded]:
    """A seeded database of this module's own; which one has no say in this."""
    folder = tmp_path_factory.mktemp("origins")
    database = f"sqlite:///{folder / 'portvakt.db'}"
    return folder, database, seed(folder, database)


@pytest.fixture(scope="module")
def closed(seeded: tuple[Path, str, Seeded]) -> Iterator[httpx.Client]:
    """Calls to a server that grants its API to no other origin."""
    folder, database, known = seeded
    with serve(folder, database, known.keys) as server, server.client(known.customers[0]) as client:
        yield client


@pytest.fixture(scope="module")
def granting(seeded: tuple[Path, str, Seeded]) -> Iterator[httpx.Client]:
    """Calls to a server that grants its API to one origin."""
    folder, database, known = seeded
    origins = f"https://x.example, {PAGE}"
    with (
        serve(folder, database, known.keys, cors_origins=origins, max_bulk_items=7) as server,
        server.client(known.customers[0]) as client,
    ):
        yield client


def grants(answer: httpx.Response) -> str | None:
    """Which origin the answer may be read by."""
    found: str | None = answer.headers.get("Access-Control-Allow-Origin")
    return found


@pytest.mark.parametrize("path", OPEN)
def test_every_page_may_read_documents_and_health(closed: httpx.Client, path: str) -> None:
    """Whatever is answered there, and OPTIONS says so."""
    for origin in ({}, {"Origin": STRANGER}):
        assert grants(closed.get(path, headers=origin)) == "*"
    answer = closed.options(
        path, headers={"Origin": STRANGER, "Access-Control-Request-Method": "GET"}
    )
    assert (answer.status_code, answer.content) == (204, b"")
    assert answer.headers["Allow"] == "GET, HEAD, OPTIONS"
    assert grants(answer) == "*"
    assert "GET" in answer.headers["Access-Control-Allow-Methods"]


def test_no_page_may_use_the_api_unless_a_setting_names_it(closed: httpx.Client) -> None:
    """Nothing is granted, and OPTIONS is a method like others that are not there."""
    asked = {"Origin": PAGE, "Access-Control-Request-Method": "GET"}
    preflight = closed.options(LIST, headers=asked)
    assert (preflight.status_code, preflight.headers["Allow"]) == (405, "GET, HEAD, POST")
    for answer in (preflight, closed.get(LIST, headers={"Origin": PAGE})):
        assert not [name for name in answer.headers if name.startswith("access-control")]
        assert "Vary" not in answer.headers


def test_a_page_that_is_named_may_use_the_api(granting: httpx.Client) -> None:
    """The preflight names the seven headers, and every answer, a refusal too, can be read."""
    asked = {"Origin": PAGE, "Access-Control-Request-Method": "PATCH"}
    preflight = granting.options(LIST, headers=asked)
    assert (preflight.status_code, grants(preflight)) == (204, PAGE)
    assert preflight.headers["Allow"] == "GET, HEAD, POST, OPTIONS"
    sent = preflight.headers["Access-Control-Allow-Headers"].lower()
    wanted = [*HEADERS.values(), "Authorization", "Content-Type", "Idempotency-Key", "If-Match"]
    assert all(name.lower() in sent for name in wanted)
    assert "PATCH" in preflight.headers["Access-Control-Allow-Methods"]
    for path, status in ((f"{LIST}?_limit=1", 200), (f"{LIST}?x=1", 400), ("/nowhere", 404)):
        answer = granting.get(path, headers={"Origin": PAGE})
        assert (answer.status_code, grants(answer)) == (status, PAGE)
        shown = answer.headers["Access-Control-Expose-Headers"]
        always = {"Cache-Control"}  # what any page may read (Fetch Standard, 2.2.2)
        assert {*shown.split(", ")} == {*DESCRIBED} - always
        assert "Origin" in answer.headers["Vary"]


def test_options_that_is_no_preflight_is_not_there(granting: httpx.Client) -> None:
    """As without origins: 405, which tells the methods."""
    for headers in ({}, {"Origin": PAGE}, {"Access-Control-Request-Method": "GET"}):
        answer = granting.options(LIST, headers=headers)
        assert (answer.status_code, answer.headers["Allow"]) == (405, "GET, HEAD, POST")


@pytest.mark.parametrize("origin", [STRANGER, "null", PAGE + ":8443", PAGE.upper(), ""])
def test_a_page_that_is_not_named_is_granted_nothing(granting: httpx.Client, origin: str) -> None:
    """Caches are told that others may be."""
    asked = {"Origin": origin, "Access-Control-Request-Method": "GET"}
    for answer in (granting.options(LIST, headers=asked), granting.get(LIST, headers=asked)):
        assert not [name for name in answer.headers if name.startswith("access-control")]
        assert answer.headers["Vary"] == "Origin"


def test_the_sandbox_may_be_used_by_any_page(server: Server) -> None:
    """Its data is invented, and it listens to this machine alone."""
    with server.client() as client:
        assert grants(client.get(f"{LIST}?_limit=1", headers={"Origin": STRANGER})) == "*"


@pytest.mark.parametrize("origins", ["example.com", "https://a.example/", "https://a.example b"])
def test_a_wrong_origin_stops_the_server(origins: str) -> None:
    """An origin that no browser could send is told, rather than never matched."""
    with pytest.raises(SettingsError, match="PORTVAKT_CORS_ORIGINS"):
        Cors(origins)


def test_a_document_tells_the_servers_own_limit(granting: httpx.Client) -> None:
    """How many items a bulk write may have is a setting, and said as it is set."""
    for query in ("", "?profile=client&openapi=3.0"):
        whole = granting.get(PATH + query).json()
        body = whole["paths"][LIST]["post"]["requestBody"]
        assert body["content"]["application/json"]["schema"]["maxItems"] == 7
