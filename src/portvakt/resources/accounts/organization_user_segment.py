"""An organization user's place in a segment, with a role there."""

from portvakt.schema import fields
from portvakt.schema.fields import Reference
from portvakt.schema.operations import ALL_OPERATIONS
from portvakt.schema.paths import RefersTo
from portvakt.schema.resource import Resource
from portvakt.schema.rows import Within

RESOURCE = Resource(
    declared_in=__name__,
    path="/accounts/users/organization/organizationusersegment/",
    description="An organization user works in a segment, with a role there.",
    fields=(
        fields.ID,
        Reference("segment", target="organization.segment", required=True, nullable=False),
        Reference("user", target="accounts.organizationuser", required=True, nullable=False),
        Reference("role", target="organization.role"),
        fields.CREATED_AT,
        fields.ORGANIZATION,
        fields.CUSTOM_ID,
    ),
    rows=(
        Within(
            RefersTo("segment"),
        ),
    ),
    operations=ALL_OPERATIONS,
)
