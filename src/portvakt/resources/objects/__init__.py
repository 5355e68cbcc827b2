"""The Objects application (2.0.0)."""

from portvakt.schema.resource import Application

APPLICATION = Application(
    label="objects",
    title="Objects",
    version="2.0.0",
    description="The 'Objects' application of the Core API",
)
