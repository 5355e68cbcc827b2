"""${message}."""

from __future__ import annotations

from portvakt.storage.migrations import forms

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Do the step, in the words of `forms`; move rows with `op.execute`."""
    ${upgrades if upgrades else "raise NotImplementedError"}
