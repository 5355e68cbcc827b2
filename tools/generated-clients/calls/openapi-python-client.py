"""The three calls by the package that openapi-python-client made."""

import json
import sys
from pathlib import Path
from uuid import UUID

sys.path.insert(0, str(Path(__file__).parents[1] / "made"))

from openapi_python_client_made import Client, models
from openapi_python_client_made.api.answeredintegrationpersonalinformationaccess import (
    answeredintegrationpersonalinformationaccess_create as create,
)
from openapi_python_client_made.api.answeredintegrationpersonalinformationaccess import (
    answeredintegrationpersonalinformationaccess_list as list_,
)

asked = json.loads(Path(sys.argv[1]).read_text())
client = Client(
    base_url=asked["base_url"], headers=asked["headers"], httpx_args={"trust_env": False}
)
listed = list_.sync(client=client, field_limit=3)
negated = list_.sync(client=client, not_answer=True)
body = models.AnsweredintegrationpersonalinformationaccessCreate(
    answer=False,
    integration=models.IntegrationuseragentReferenceInput(id=UUID(asked["integration"])),
    answered_by_tenant=models.TenantReferenceInput(id=UUID(asked["tenant"])),
)
made = create.sync(client=client, body=body)
print(
    json.dumps(
        {
            "listed": [str(one.id) for one in listed],
            "negated": [one.answer for one in negated],
            "created": str(made.id),
        }
    )
)
