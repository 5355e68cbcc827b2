"""The headers of answers: each is documented, and pages of other origins may read it."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from portvakt.api.cors import SHOWN
from portvakt.api.documents.responses import HEADERS
from tests.support.examples import FORMS, ONE_DATABASE, TENANTS, body_of, send

PLAIN = {
    *("accept-ranges", "connection", "content-length", "content-type", "date", "vary"),
    *("transfer-encoding", "access-control-allow-origin", "access-control-expose-headers"),
}
"""What any server's answer may say of itself (RFC 9110, 9112; Fetch)."""

SAFE = {"cache-control"}
"""What is documented and needs no permission to be read (Fetch, 'CORS-safelisted')."""


def answers(client: httpx.Client, anonymous: httpx.Client) -> Iterator[httpx.Response]:
    """One of each form, as it may be and as it may not."""
    for asked in FORMS:
        pk = "00000000-0000-4000-8000-000000000000"
        for caller in (client, anonymous):
            yield send(caller, asked, pk, json=body_of(asked))
        yield client.request("PUT", asked.path.format(pk=pk))
    for params in ({"_limit": "1", "_count": "true"}, {"_jsonl": "true"}, {"_nothing": "1"}):
        yield client.get(f"{TENANTS.path}list/", params=params)
    (first,) = client.get(f"{TENANTS.path}list/", params={"_limit": "1"}).json()
    shown = client.get(f"{TENANTS.path}{first['id']}/")
    yield shown
    yield client.get(
        f"{TENANTS.path}{first['id']}/", headers={"If-None-Match": shown.headers["ETag"]}
    )


@ONE_DATABASE
@pytest.mark.usefixtures("server")
def test_each_header_of_an_answer_is_documented(
    client: httpx.Client, anonymous: httpx.Client
) -> None:
    """In `documents/responses.py`; and `api/cors.py` lets pages read it."""
    found = {name.lower() for answer in answers(client, anonymous) for name in answer.headers}
    documented = {name.lower() for name in HEADERS}
    assert {"etag", "link", "x-total-count", "allow", "www-authenticate"} < found
    assert found - PLAIN <= documented
    assert documented - SAFE == {name.lower() for name in SHOWN.split(", ")}
