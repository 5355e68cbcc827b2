"""The three calls by the package that openapi-generator's `python` made."""

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "made" / "python"))

import openapi_client as made_client

asked = json.loads(Path(sys.argv[1]).read_text())
names = {
    scheme["key"]: name
    for name, scheme in made_client.Configuration(
        api_key=dict.fromkeys(
            [
                "customer_id",
                "application_id",
                "service_id",
                "service_version_id",
                "client_ct",
                "client_object_id",
                "client_secret",
            ],
            "",
        )
    )
    .auth_settings()
    .items()
}
configuration = made_client.Configuration(
    host=asked["base_url"],
    api_key={names[header]: value for header, value in asked["headers"].items()},
)
with made_client.ApiClient(configuration) as client:
    api = made_client.AnsweredintegrationpersonalinformationaccessApi(client)
    listed = api.answeredintegrationpersonalinformationaccess_list(limit=3)
    negated = api.answeredintegrationpersonalinformationaccess_list(not__answer=True)
    body = made_client.AnsweredintegrationpersonalinformationaccessCreate(
        answer=False,
        integration={"id": asked["integration"]},
        answered_by_tenant={"id": asked["tenant"]},
    )
    made = api.answeredintegrationpersonalinformationaccess_create(body)
print(
    json.dumps(
        {
            "listed": [str(one.id) for one in listed],
            "negated": [one.answer for one in negated],
            "created": str(made.id),
        }
    )
)
