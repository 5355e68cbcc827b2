"""A person who runs the installation."""

from portvakt.schema import fields
from portvakt.schema.checks import Unique
from portvakt.schema.fields import Boolean, Text
from portvakt.schema.identifiers import MAILBOX
from portvakt.schema.operations import ALL_OPERATIONS
from portvakt.schema.resource import Resource

RESOURCE = Resource(
    declared_in=__name__,
    path="/platform/operator/",
    description="A person who runs the installation: sees every customer, and uses tokens.",
    fields=(
        fields.ID,
        Text("name", required=True, nullable=False, min_length=1, max_length=255, digested=True),
        Text(
            "email",
            required=True,
            nullable=False,
            max_length=254,
            format="email",
            identifier=MAILBOX,
            digested=True,
        ),
        Boolean("is_active", nullable=False, default=True),
        fields.CREATED_AT,
    ),
    checks=(Unique(("email",)),),
    operations=ALL_OPERATIONS,
    platform=True,
)
