"""The sandbox starts, answers, and ends."""

from tests.servers import Server


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
