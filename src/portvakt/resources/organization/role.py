"""What an organization user does for a customer."""

from portvakt.schema import fields
from portvakt.schema.checks import Unique
from portvakt.schema.fields import Text
from portvakt.schema.operations import ALL_OPERATIONS
from portvakt.schema.paths import RefersTo
from portvakt.schema.resource import Resource
from portvakt.schema.rows import Within

RESOURCE = Resource(
    declared_in=__name__,
    path="/organization/role/",
    description="What an organization user does for a customer.",
    fields=(
        fields.ID,
        Text("name", required=True, nullable=False, max_length=255),
        fields.CREATED_AT,
        fields.ORGANIZATION,
        fields.CUSTOM_ID,
    ),
    checks=(Unique(("name",)),),
    rows=(
        Within(
            RefersTo("organization", only=True),
        ),
    ),
    operations=ALL_OPERATIONS,
)
