"""How often an account was tried in vain of late, so that passwords can't be guessed."""

from portvakt.schema import fields
from portvakt.schema.checks import Unique
from portvakt.schema.fields import Integer, Text, Time
from portvakt.schema.keeping import Keeps
from portvakt.schema.resource import Resource

RESOURCE = Resource(
    declared_in=__name__,
    path="/platform/loginattempt/",
    description="How often an account, known or not, was tried in vain of late.",
    fields=(
        fields.ID,
        Text("account", nullable=False, min_length=64, max_length=64, internal=True),
        Integer("failures", nullable=False, minimum=0),
        Time("last_failed_at", nullable=False),
        fields.CREATED_AT,
    ),
    checks=(Unique(("account",)),),
    platform=True,
    keeps=Keeps.nothing,  # a counter, and forgotten after minutes
)
