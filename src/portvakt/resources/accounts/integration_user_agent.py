"""An activation: one version of a service, activated on one object of a customer."""

from portvakt.schema import fields
from portvakt.schema.fields import Boolean, Integer, Object, Reference, Text, Uuid
from portvakt.schema.resource import GenericReference, Resource
from portvakt.schema.rules import SetTogether

RESOURCE = Resource(
    declared_in=__name__,
    path="/accounts/users/api/integrationuseragent/",
    description="One version of a service, activated on one object of a customer.",
    fields=(
        fields.ID,
        Uuid("application_id", required=True, nullable=False),
        Uuid("service_id", required=True, nullable=False),
        Uuid("service_version_id", required=True, nullable=False),
        Integer("clashing_priority", required=True, nullable=False),
        Text("category", max_length=255),
        Boolean("is_active", nullable=False, default=True),
        Reference("activation_content_type", target="platform.contenttype"),
        Uuid("activation_object_id"),
        Object("activation_variables"),
        Object("integration_activation_data"),
        Integer("personal_information_acceptance_mode", options=(0, 1, 2)),
        fields.CREATED_AT,
        fields.ORGANIZATION,
        fields.CUSTOM_ID,
    ),
    rules=(SetTogether(("activation_content_type", "activation_object_id")),),
    generic_references=(GenericReference("activation_content_type", "activation_object_id"),),
)
