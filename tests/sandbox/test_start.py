"""The sandbox starts, answers, and ends."""

from pathlib import Path

import pytest

from portvakt.resources import load
from portvakt.resources.accounts.integration_user_agent import LEVELS
from portvakt.sandbox.data import sample_data
from tests.support.databases import DATABASES
from tests.support.servers import Customer, Server, sandbox


def test_the_sandbox_answers_each_customer(server: Server) -> None:
    """The headers in the credentials file are accepted, and each customer has its own ids."""
    for number in range(2):
        with server.client(number) as client:
            answer = client.get(
                "/integrations/integrationserviceidconnection/list/",
                params={"_page": 1, "_page_size": 1},
            )
            assert (answer.status_code, len(answer.json())) == (200, 1)
    assert not set(server.customers[0].ids["tenant"]) & set(server.customers[1].ids["tenant"])


@pytest.mark.parametrize("fresh_url", DATABASES, indirect=True)
def test_every_activation_of_the_file_reads_people_and_places(
    fresh_url: str, tmp_path: Path
) -> None:
    """There is one at each level; each reads what belongs to its object, a suspended one nothing.

    A deprecated version goes on working. Other tests move activations of the shared server.
    """
    with sandbox(tmp_path, fresh_url) as server:
        for customer in server.customers:
            check_activations(server, customer)


def check_activations(server: Server, customer: Customer) -> None:
    """What the file says of a customer's activations is so."""
    assert set(customer.activations) == set(LEVELS)
    entries = [(level, e) for level, found in customer.activations.items() for e in found]
    assert {e["version_state"] for _, e in entries} == {"published", "deprecated"}
    assert [e["is_active"] for _, e in entries].count(False) == 1
    with server.client(None) as client:
        for level, entry in entries:
            path = f"{load().resources[level].path}{entry['object_id']}/"
            answer = client.get(path, headers=entry["headers"])
            assert answer.status_code == (200 if entry["is_active"] else 401), entry


def test_the_file_lists_the_ids_that_it_always_listed(server: Server) -> None:
    """The integrations among the ids are those on organizations, in the sample's order."""
    sample = sample_data(load()).customers[0]
    assert server.customers[0].ids["integration"] == sample.ids("integration")[:5]
    first = server.customers[0].activations["sales.organization"][0]
    assert first["headers"] == server.customers[0].headers
