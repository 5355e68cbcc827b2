"""The Integrations application (2.0.0)."""

from portvakt.schema.resource import Application

APPLICATION = Application(
    label="integrations",
    title="Integrations",
    version="2.0.0",
    description="The 'Integrations' application of the Core API",
)
