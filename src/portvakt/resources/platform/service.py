"""One capability of an application, activated at one level."""

from portvakt.resources.content_types import content_type
from portvakt.schema import fields
from portvakt.schema.checks import Unique
from portvakt.schema.fields import Reference, Text
from portvakt.schema.operations import ALL_OPERATIONS
from portvakt.schema.resource import Resource
from portvakt.schema.transitions import Fixed

RESOURCE = Resource(
    declared_in=__name__,
    path="/platform/service/",
    description=(
        "One capability of an application, activated at one level. It stays the application's."
    ),
    fields=(
        fields.ID,
        Reference("application", target="platform.application", required=True, nullable=False),
        Text("name", required=True, nullable=False, max_length=255),
        Text("description", max_length=4096),
        content_type(
            "level",
            required=True,
            nullable=False,
            description="What kind of object the service is activated on.",
        ),
        fields.CREATED_AT,
    ),
    checks=(
        Unique(("application", "name")),
        Fixed(("application",)),  # who calls by its activations says whose it is
    ),
    operations=ALL_OPERATIONS,
    platform=True,
)
