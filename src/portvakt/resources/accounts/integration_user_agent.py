"""An activation: one version of a service, activated on one object of a customer."""

from portvakt.resources.content_types import content_type
from portvakt.schema import fields
from portvakt.schema.actions import Action, Answers
from portvakt.schema.fields import Boolean, Integer, Object, Objects, Reference, Text, Texts, Uuid
from portvakt.schema.lookups import Available, ExclusiveGroup, LookUp
from portvakt.schema.operations import ALL_OPERATIONS
from portvakt.schema.paths import RefersGenerically
from portvakt.schema.resource import GenericReference, Resource
from portvakt.schema.rights import Guard
from portvakt.schema.rows import AboutActivation, Connected, Within
from portvakt.schema.rules import SetTogether

LEVELS = ("sales.organization", "organization.company", "objects.realestate", "accounts.tenant")
"""What a service can be activated on."""

CATEGORY = Text("category", guarded=Guard.people)

_FLAGS = (
    "requires_sole_category_ownership",
    "require_personal_information_access",
    "allow_token_generation_for_tenants",
    "allow_token_generation_for_sub_tenants",
    "has_tenant_http_invokable_method",
    "has_sub_tenant_http_invokable_method",
)
_OF_THE_VERSION = (
    "subscribes_to_events",
    "allowed_access",
    *_FLAGS,
    "registered_ip_addresses",
)
"""What the service's version says of itself, as the activation shows it."""

CATEGORY_LEADER = Action(
    name="category",
    tail="category/",
    title="Category",
    description=(
        "Tells which active integration decides in each category: the one with the "
        "highest `clashing_priority`, of several the oldest. Integrations are told of "
        "categories in which they see an active integration; `integration` and "
        "`clashing_priority` are null where they don't see the one that decides."
    ),
    success="The integration that decides, for each category",
    method="GET",
    query=(CATEGORY,),
    answer=(
        Text("category", nullable=False),
        Reference("integration", target="accounts.integrationuseragent"),
        Integer("clashing_priority"),
    ),
    answers_with=Answers.array,
)

RESOURCE = Resource(
    declared_in=__name__,
    path="/accounts/users/api/integrationuseragent/",
    description="One version of a service, activated on one object of a customer.",
    fields=(
        fields.ID,
        Uuid("application_id", required=True, nullable=False, guarded=Guard.people),
        Uuid("service_id", required=True, nullable=False, guarded=Guard.people),
        Uuid("service_version_id", required=True, nullable=False, guarded=Guard.people),
        Integer(
            "clashing_priority",
            required=True,
            nullable=False,
            guarded=Guard.people,
            description="Of a category's active integrations the one with the highest decides.",
        ),
        CATEGORY,
        Boolean("is_active", nullable=False, default=True, guarded=Guard.people),
        content_type("activation_content_type", guarded=Guard.people),
        Uuid("activation_object_id", guarded=Guard.people),
        Object("activation_variables", digested=True),
        Object("integration_activation_data", digested=True),
        Boolean(
            "access_requires_specific_object_connection",
            nullable=False,
            default=False,
            guarded=Guard.people,
            description=(
                "Whether only items are in reach that the application holds an id connection of."
            ),
        ),
        Integer(
            "personal_information_acceptance_mode",
            options=(0, 1, 2),
            guarded=Guard.people,
            description=(
                "Whether persons have to answer: 0 no, 1 only a no counts, 2 or null only a yes."
            ),
        ),
        Objects("subscribes_to_events", read_only=True, nullable=False, default=[]),
        Object("allowed_access", read_only=True, nullable=False, default={}),
        *(Boolean(name, read_only=True, nullable=False, default=False) for name in _FLAGS),
        Texts("registered_ip_addresses", read_only=True),
        fields.CREATED_AT,
        fields.ORGANIZATION,
        fields.CUSTOM_ID,
    ),
    checks=(
        SetTogether(("activation_content_type", "activation_object_id")),
        LookUp(
            "service_version_id",
            "platform.serviceversion",
            agrees=(("service_id", "service"),),
            mirrors=_OF_THE_VERSION,
            available=Available("state", ("published",)),
        ),
        LookUp(
            "service_id",
            "platform.service",
            agrees=(("application_id", "application"), ("activation_content_type", "level")),
        ),
        LookUp(
            "application_id",
            "platform.application",
            available=Available("visibility", ("public",), ("private",), "customers"),
        ),
        ExclusiveGroup(
            "category",
            active="is_active",
            flag="requires_sole_category_ownership",
            priority="clashing_priority",
        ),
    ),
    generic_references=(GenericReference("activation_content_type", "activation_object_id"),),
    rows=(
        AboutActivation("id"),
        Within(
            RefersGenerically("activation_content_type", "activation_object_id", kinds=LEVELS),
        ),
        Connected(),
    ),
    operations=ALL_OPERATIONS,
    actions=(CATEGORY_LEADER,),
)
