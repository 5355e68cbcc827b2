"""A version of a service: what customers activate."""

from portvakt.schema import fields
from portvakt.schema.checks import Unique
from portvakt.schema.fields import (
    Boolean,
    Integer,
    Networks,
    Objects,
    Reference,
    Rights,
    Text,
)
from portvakt.schema.operations import ALL_OPERATIONS
from portvakt.schema.resource import Resource
from portvakt.schema.transitions import Sealed, Transitions

FLAGS = (
    "requires_sole_category_ownership",
    "require_personal_information_access",
    "allow_token_generation_for_tenants",
    "allow_token_generation_for_sub_tenants",
    "has_tenant_http_invokable_method",
    "has_sub_tenant_http_invokable_method",
)
"""The flags of a version that its activations mirror."""

RESOURCE = Resource(
    declared_in=__name__,
    path="/platform/serviceversion/",
    description=(
        "A version of a service: what customers activate. Once published it never changes: a "
        "change is a new version."
    ),
    fields=(
        fields.ID,
        Reference("service", target="platform.service", required=True, nullable=False),
        Integer("number", required=True, nullable=False, minimum=1),
        Text("description", max_length=4096),
        Text(
            "state",
            nullable=False,
            default="draft",
            options=("draft", "published", "deprecated"),
            description=(
                "A draft can change and can't be activated; a published version can be activated; "
                "a deprecated one goes on where it is active, and is refused anew."
            ),
        ),
        Rights(
            "allowed_access",
            nullable=False,
            default={},
            description=(
                "What activations may do: for each `app.model` some of read, create, update, "
                "delete; and all, for rows about other integrations too."
            ),
        ),
        Objects("subscribes_to_events", nullable=False, default=[]),
        *(Boolean(name, nullable=False, default=False) for name in FLAGS),
        Networks(
            "registered_ip_addresses",
            description=(
                "The addresses and networks that calls may come from; null: any; empty: none."
            ),
        ),
        fields.CREATED_AT,
    ),
    checks=(
        Unique(("service", "number")),
        Transitions("state", (("draft", "published"), ("published", "deprecated"))),
        Sealed("state", ("published", "deprecated"), but=("state", "description")),
    ),
    operations=ALL_OPERATIONS,
    platform=True,
)
