"""One pair of an item here and an entity in an external system, kept by an application."""

from portvakt.resources.content_types import content_type
from portvakt.schema import fields
from portvakt.schema.checks import Unique
from portvakt.schema.fields import Boolean, Text, Uuid
from portvakt.schema.operations import ALL_OPERATIONS
from portvakt.schema.paths import RefersGenerically
from portvakt.schema.query import ListDefaults
from portvakt.schema.resource import GenericReference, IdMapping, Resource
from portvakt.schema.rows import Connected, OfApplication, Within

ITEM = GenericReference("content_type", "object_id")

RESOURCE = Resource(
    declared_in=__name__,
    path="/integrations/integrationserviceidconnection/",
    description=(
        "Connects an item here with an entity in an external system. An item may have many "
        "external ids and an external id many items. Each application sees its own connections."
    ),
    fields=(
        fields.ID,
        Uuid(
            "application_id",
            read_only=True,
            nullable=False,
            description="The application that keeps the connection; set from the caller.",
        ),
        fields.CREATED_AT,
        content_type(
            "content_type",
            required=True,
            nullable=False,
            description="What kind of item it is.",
        ),
        Uuid("object_id", required=True, nullable=False, description="The item's id."),
        Text(
            "external_id",
            required=True,
            nullable=False,
            min_length=1,
            max_length=1024,
            digested=True,
            description="The entity's id in the external system, whatever its form.",
        ),
        Boolean(
            "hidden",
            nullable=False,
            default=False,
            description="Hidden connections are left out of lists unless this filter is given.",
        ),
        fields.ORGANIZATION,
        fields.CUSTOM_ID,
    ),
    checks=(Unique(("application_id", "content_type", "object_id", "external_id")),),
    generic_references=(ITEM,),
    rows=(
        OfApplication("application_id"),
        Within(
            RefersGenerically(*ITEM),
        ),
        Connected(),
    ),
    mapping=IdMapping(ITEM, external="external_id"),
    listing=ListDefaults(hidden_by="hidden"),
    operations=ALL_OPERATIONS,
)
