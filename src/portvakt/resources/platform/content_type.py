"""The kinds of item that a reference may point at, by name `app.model`."""

from portvakt.schema import fields
from portvakt.schema.caller_kinds import USUAL_CALLERS
from portvakt.schema.checks import Unique
from portvakt.schema.fields import Text
from portvakt.schema.keeping import Keeps
from portvakt.schema.operations import Operation
from portvakt.schema.resource import Resource

RESOURCE = Resource(
    declared_in=__name__,
    path="/platform/contenttype/",
    description=(
        "The kinds of item that a reference may point at. Ids are the same in every "
        "installation: the UUIDv5 of the name in the DNS namespace."
    ),
    fields=(
        fields.ID,
        Text(
            "name",
            nullable=False,
            required=True,
            max_length=255,
            description="`app.model`, such as `accounts.tenant`.",
        ),
        fields.CREATED_AT,
    ),
    checks=(Unique(("name",)),),
    operations=(Operation.list, Operation.get),
    callers=USUAL_CALLERS,
    platform=True,
    keeps=Keeps.nothing,  # they follow from the declarations of the program that runs
)
