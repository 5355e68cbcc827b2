"""An integration vendor's product: the container of its services."""

from portvakt.schema import fields
from portvakt.schema.checks import Unique
from portvakt.schema.fields import References, Text
from portvakt.schema.operations import ALL_OPERATIONS
from portvakt.schema.resource import Resource

RESOURCE = Resource(
    declared_in=__name__,
    path="/platform/application/",
    description="An integration vendor's product: the container of its services.",
    fields=(
        fields.ID,
        Text("name", required=True, nullable=False, max_length=255),
        Text("description", max_length=4096),
        Text(
            "visibility",
            nullable=False,
            default="draft",
            options=("draft", "private", "public"),
            description=(
                "Who can activate its services: nobody (draft), the customers that it lists "
                "(private), or every customer (public)."
            ),
        ),
        References(
            "customers",
            target="platform.customer",
            description="The customers that can activate its services while it is private.",
        ),
        fields.CREATED_AT,
    ),
    checks=(Unique(("name",)),),
    operations=ALL_OPERATIONS,
    platform=True,
)
