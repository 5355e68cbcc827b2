"""A bearer token of an operator or an administrator, kept as a keyed digest only."""

from portvakt.schema import fields
from portvakt.schema.actions import Action
from portvakt.schema.checks import Unique
from portvakt.schema.fields import Integer, Reference, Text, Time, Uuid
from portvakt.schema.operations import Operation
from portvakt.schema.resource import Resource
from portvakt.schema.rules import SetTogether, exactly_one_of

REVOKE = Action(
    name="revoke",
    tail="{pk}/revoke/",
    title="Revoke",
    description="Ends the token: it is refused from the next request on.",
    success="The revoked token",
    writes=True,
)

RESOURCE = Resource(
    declared_in=__name__,
    path="/platform/token/",
    description=(
        "A bearer token of an operator, or of an administrator of a customer. Only a keyed digest "
        "of it is kept."
    ),
    fields=(
        fields.ID,
        Reference("operator", target="platform.operator"),
        Reference("customer", target="platform.customer"),
        Uuid("administrator", description="The administrator, an item of that customer."),
        Text("digest", nullable=False, min_length=64, max_length=64, internal=True),
        Integer("key_number", nullable=False, minimum=1, internal=True),
        Time("expires_at"),
        Time("revoked_at"),
        Time("last_used_at", technical=True),
        fields.CREATED_AT,
    ),
    checks=(
        *exactly_one_of("operator", "administrator"),
        SetTogether(("customer", "administrator")),
        Unique(("digest",)),
    ),
    operations=(Operation.list, Operation.get),
    actions=(REVOKE,),
    platform=True,
)
