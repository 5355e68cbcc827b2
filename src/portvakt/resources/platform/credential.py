"""A secret of an activation, kept as a keyed digest only."""

from portvakt.schema import fields
from portvakt.schema.fields import Integer, Reference, Text, Time
from portvakt.schema.resource import ADMINISTRATOR, OPERATOR, Resource

RESOURCE = Resource(
    declared_in=__name__,
    path="/platform/credential/",
    description="A secret of an activation. Only a keyed digest of it is kept.",
    fields=(
        fields.ID,
        Reference(
            "integration",
            target="accounts.integrationuseragent",
            required=True,
            nullable=False,
        ),
        Text("digest", nullable=False, min_length=64, max_length=64, internal=True),
        Integer("key_number", nullable=False, minimum=1, internal=True),
        Time("expires_at"),
        Time("revoked_at"),
        Time("last_used_at"),
        fields.CREATED_AT,
    ),
    callers=(ADMINISTRATOR, OPERATOR),
)
