"""The Accounts application (2.0.0)."""

from portvakt.schema.resource import Application

APPLICATION = Application(
    label="accounts",
    title="Accounts",
    version="2.0.0",
    description="The 'Accounts' application of the Core API",
)
