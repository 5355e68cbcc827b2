"""A secret of an activation, kept as a keyed digest only."""

from portvakt.schema import fields
from portvakt.schema.fields import Integer, Reference, Text, Time
from portvakt.schema.resource import Resource

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
        Text("digest", required=True, nullable=False, min_length=64, max_length=64),
        Integer("key_number", required=True, nullable=False, minimum=1),
        Time("expires_at"),
        Time("revoked_at"),
        Time("last_used_at"),
        fields.CREATED_AT,
    ),
)
