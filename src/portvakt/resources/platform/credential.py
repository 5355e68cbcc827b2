"""A secret of an activation, kept as a keyed digest only."""

from portvakt.schema import fields
from portvakt.schema.actions import Action
from portvakt.schema.caller_kinds import PEOPLE
from portvakt.schema.fields import Integer, Reference, Text, Time
from portvakt.schema.operations import Operation
from portvakt.schema.resource import Resource

INTEGRATION = Reference(
    "integration", target="accounts.integrationuseragent", required=True, nullable=False
)
EXPIRES_AT = Time("expires_at", description="When the credential ends; null: never.")
SECRET = Text(
    "secret", nullable=False, description="The value of X-PIGELLO-CLIENT-SECRET; shown this once."
)

ISSUE = Action(
    name="issue",
    tail="",
    title="Issue",
    description="Issues a credential of an integration; two may be live at once.",
    success="The credential, with its secret",
    body=(INTEGRATION, EXPIRES_AT),
    answer=(SECRET,),
    status=201,
    writes=True,
    shows_secret=True,
)
ROTATE = Action(
    name="rotate",
    tail="{pk}/rotate/",
    title="Rotate",
    description=(
        "Issues a credential in place of this one, which goes on working for `overlap` "
        "seconds; 0 ends it now."
    ),
    success="The new credential, with its secret",
    body=(
        Integer("overlap", required=True, nullable=False, minimum=0, maximum=30 * 86_400),
        EXPIRES_AT,
    ),
    answer=(SECRET,),
    status=201,
    writes=True,
    shows_secret=True,
)
REVOKE = Action(
    name="revoke",
    tail="{pk}/revoke/",
    title="Revoke",
    description="Ends the credential: it is refused from the next request on.",
    success="The revoked credential",
    writes=True,
)

RESOURCE = Resource(
    declared_in=__name__,
    path="/platform/credential/",
    description="A secret of an activation. Only a keyed digest of it is kept.",
    fields=(
        fields.ID,
        INTEGRATION,
        Text("digest", nullable=False, min_length=64, max_length=64, internal=True),
        Integer("key_number", nullable=False, minimum=1, internal=True),
        EXPIRES_AT,
        Time("revoked_at"),
        Time("last_used_at", technical=True),
        fields.CREATED_AT,
    ),
    operations=(Operation.list, Operation.get),
    actions=(ISSUE, ROTATE, REVOKE),
    callers=PEOPLE,
)
