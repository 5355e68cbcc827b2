"""Both servers are asked the same and must answer the same, before anything is measured."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from benchmarks.data import ANSWERS, TENANTS, pk
from benchmarks.servers import Server
from benchmarks.workloads import PATH, Requests, fetch

_NEW = ("id", "created_at")


class Disagreement(Exception):
    """The servers answered differently: what, and how."""


def check(ours: Server, peer: Server, requests: Requests) -> int:
    """How many answers were equal. Raises `Disagreement` at the first that isn't."""
    number = 0
    for target, caller in _reads(requests):
        number += 1
        one, other = (_read(server, target, caller.headers) for server in (ours, peer))
        if one != other:
            raise Disagreement(f"{target}\n{str(one)[:500]}\n{str(other)[:500]}")
    for target, body in _writes(requests):
        one, other = (
            _written(fetch(server.port, target, requests.writer.headers, body))
            for server in (ours, peer)
        )
        if one != other:
            raise Disagreement(f"{target}\n{str(one)[:500]}\n{str(other)[:500]}")
        number += 1
    return number


def _reads(requests: Requests) -> Iterator[tuple[str, Any]]:
    for caller, item in requests.items()[:3]:
        yield f"{PATH}{item}/", caller
    yield f"{PATH}{pk(ANSWERS, 5, 1)}/", requests.callers[0]  # another customer's
    caller = requests.callers[1]
    page = "_page=1&_page_size=100"
    tenant = pk(TENANTS, 1, 3)
    for asked in (
        f"integration={caller.integration(1)}&_order_by=-created_at",
        f"integration!={caller.integration(1)}&_order_by=-created_at",
        f"answered_by_tenant={tenant}",
        f"answered_by_tenant!={tenant}&answer=true",
        f"answered_by_sub_tenant__isnull=false&integration={caller.integration(2)}",
        "custom_id__istartswith=svar-0000001&answer!=true",
        f"custom_id__in={quote('SVAR-00000001,SVAR-00000007')}",
        "created_at__gte=2024-01-01T01:00:00Z&created_at__lt=2024-01-01T02:00:00Z",
        "_order_by=-answer,custom_id",
    ):
        yield f"{PATH}list/?{asked}&{page}", caller
    yield f"{PATH}list/?_jsonl=true&custom_id__startswith=SVAR-000000", caller


def _read(server: Server, target: str, headers: dict[str, str]) -> Any:
    status, body, _ = fetch(server.port, target, headers)
    if status != 200:
        return status
    if "_jsonl" in target:
        return [json.loads(line) for line in body.splitlines()]
    return json.loads(body)


def _writes(requests: Requests) -> Iterator[tuple[str, bytes]]:
    yield PATH, json.dumps(requests.body(3)).encode()
    yield PATH.rstrip("/") + "/list/", requests.bulk_body(5)
    yield PATH, json.dumps({**requests.body(4), "integration": {"id": pk(TENANTS, 0, 0)}}).encode()


def _written(answer: tuple[int, bytes, Any]) -> Any:
    """What both must agree on: the items but for what is new, or that they were refused."""
    status, body, _ = answer
    if status >= 400:
        return "refused"
    items = json.loads(body)
    for item in items if isinstance(items, list) else [items]:
        for name in _NEW:
            item.pop(name)
    return status, items
