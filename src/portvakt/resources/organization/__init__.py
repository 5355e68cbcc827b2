"""The Organization application (2.0.0)."""

from portvakt.schema.resource import Application

APPLICATION = Application(
    label="organization",
    title="Organization",
    version="2.0.0",
    description="The 'Organization' application of the Core API",
)
