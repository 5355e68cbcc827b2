"""An organization user who may act for the whole customer."""

from portvakt.schema import fields
from portvakt.schema.actions import Action, Answers
from portvakt.schema.caller_kinds import PEOPLE
from portvakt.schema.checks import Unique
from portvakt.schema.fields import Boolean, Reference, Text, Time, Uuid
from portvakt.schema.identifiers import MAILBOX
from portvakt.schema.operations import ALL_OPERATIONS
from portvakt.schema.paths import RefersTo
from portvakt.schema.privacy import OfPersons
from portvakt.schema.resource import Resource

LOGIN = Action(
    name="login",
    tail="/platform/login/",
    title="Log in",
    description="Gives an administrator a bearer token.",
    success="The token, and when it expires",
    body=(
        Uuid("customer", required=True, nullable=False),
        Text("email", required=True, nullable=False, max_length=254),
        Text("password", required=True, nullable=False, max_length=128),
    ),
    answer=(
        Text("token", nullable=False, description="Send it as Authorization: Bearer."),
        Time("expires_at", nullable=False),
    ),
    answers_with=Answers.object,
    public=True,
)
SET_PASSWORD = Action(
    name="set_password",
    tail="{pk}/password/",
    title="Set password",
    description="Gives the administrator a password, and ends the tokens there are.",
    success="The administrator",
    writes=True,
    body=(Text("password", required=True, nullable=False, min_length=12, max_length=128),),
)

RESOURCE = Resource(
    declared_in=__name__,
    path="/platform/administrator/",
    description=(
        "An organization user who may act for the whole customer. Logs in with e-mail and password."
    ),
    fields=(
        fields.ID,
        Reference(
            "organization_user",
            target="accounts.organizationuser",
            required=True,
            nullable=False,
        ),
        Text(
            "email",
            required=True,
            nullable=False,
            max_length=254,
            format="email",
            identifier=MAILBOX,
            digested=True,
        ),
        Text("password", max_length=255, internal=True),
        Boolean("is_active", nullable=False, default=True),
        fields.CREATED_AT,
    ),
    checks=(
        Unique(("organization_user",)),
        Unique(("email",)),
    ),
    privacy=OfPersons(RefersTo("organization_user")),
    operations=ALL_OPERATIONS,
    actions=(LOGIN, SET_PASSWORD),
    callers=PEOPLE,
)
