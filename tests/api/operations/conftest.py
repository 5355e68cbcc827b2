"""Who calls, in tests of every resource: an integration, or a person where it may not."""

from __future__ import annotations

import httpx
import pytest

from portvakt.schema.resource import Resource


@pytest.fixture
def client(
    request: pytest.FixtureRequest, client: httpx.Client, operating: httpx.Client
) -> httpx.Client:
    """Calls as the first customer's integration; as an operator about what it can't create."""
    resource = request.getfixturevalue("resource") if "resource" in request.fixturenames else None
    return operating if resource and resource.made_by_people else client


@pytest.fixture
def whole(resource: Resource, client: httpx.Client, operating: httpx.Client) -> httpx.Client:
    """A caller who reaches all of the customer's items, those that belong to no organization too.

    It is the operator, who can do all but create what belongs to an application.
    """
    return client if resource.of_application else operating


@pytest.fixture
def seeing(resource: Resource, client: httpx.Client, operating: httpx.Client) -> httpx.Client:
    """A caller who sees new items as they are.

    It is the operator, where an item is seen only with the persons who have it.
    """
    return operating if resource.belongs_to_persons else client
