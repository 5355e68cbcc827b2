"""Run by Alembic: takes the steps on the connection that `storage.migrate` hands over.

The connection has a transaction open already, so that all steps are committed together or not at
all, on both databases.
"""

from __future__ import annotations

from alembic import context

context.configure(connection=context.config.attributes["connection"])
context.run_migrations()
