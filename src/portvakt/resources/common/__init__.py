"""The Common application (2.0.0)."""

from portvakt.schema.resource import Application

APPLICATION = Application(
    label="common",
    title="Common",
    version="2.0.0",
    description="The 'Common' application of the Core API",
)
