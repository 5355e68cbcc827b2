"""Every change of what decides, so that decisions can be told as of a past moment."""

from __future__ import annotations

from alembic import op

from portvakt.storage.migrations.forms import (
    boolean,
    create_table,
    integer,
    primary_key,
    time,
    uuid,
)

revision = "0023_past_decisions"
down_revision = "0022_erasures"
branch_labels = None
depends_on = None

_DECISIONS = "integrations_decision"
_PAST = f"{_DECISIONS}_past"
_REFUSAL = "The ledger is only ever added to"


def upgrade() -> None:
    """Create the table; what decides now is the first change that is known."""
    create_table(
        _PAST,
        uuid("customer_id"),
        uuid("integration"),
        uuid("kind"),
        uuid("person"),
        uuid("answer"),
        boolean("yes", null=True),
        integer("revision"),
        time("since"),
        time("expires_at", null=True),
        integer("notice_version", null=True),
        integer("number"),
        primary_key("pk_decision_past", "customer_id", "integration", "kind", "person", "number"),
    )
    op.execute(fill())
    _guard()


def fill() -> str:
    """The statement that fills the table."""
    names = (
        "customer_id, integration, kind, person, answer, yes, revision, since, expires_at, "
        "notice_version"
    )
    return f"INSERT INTO {_PAST} ({names}, number) SELECT {names}, 1 FROM {_DECISIONS}"  # noqa: S608


def _guard() -> None:
    """Let the database refuse to change a row."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            f"CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {_PAST}"
            " EXECUTE FUNCTION ledger_refuse()"
        )
        return
    for what in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER {_PAST}_{what.lower()} BEFORE {what} ON {_PAST}"
            f" BEGIN SELECT RAISE(ABORT, '{_REFUSAL}'); END"
        )
