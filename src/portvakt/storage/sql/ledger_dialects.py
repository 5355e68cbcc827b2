"""Everything of the ledger in which SQLite and PostgreSQL differ: a part of `storage.sql.dialects`.

Which events are not sealed yet? SQLite has one writer, who commits in the order of arrival, so that
the number of an arrival is enough. On PostgreSQL transactions run side by side: there they are the
events of transactions from the horizon on that no log has. The horizon is the oldest transaction
that was still running when events were last looked for: whatever commits later is found, and what
was sealed before needn't be looked at again.

No values stand in these texts, only names and placeholders.
"""

from __future__ import annotations

from dataclasses import dataclass

_REFUSAL = "The ledger is only ever added to"


@dataclass(frozen=True)
class LedgerDialect:
    """One database's words for the ledger's own statements. `{...}` is filled in by who uses them.

    - `commits_in_order`: whether events are committed in the order of their arrival. Else the
      horizon is the number of a transaction.
    - `seal_batch`: how many events are sealed in one transaction; fewer where nobody else writes
      until it ends.
    - `column`, `number`: what an INSERT of an event fills besides the event's own columns, and with
      what; `next_number` reads what that would be.
    - `unsealed`: whether there are events that may not be sealed yet; `candidates`: the next ones.
    - `running`: the oldest transaction that may still be running, the number of the next one, the
      age of the oldest that ends on several nodes (`ending`, if it is distributed), and a snapshot.
    - `turn`: whether this transaction may seal; `settings`: how it is to be planned then.
    - `passed`: that an event lies before the horizon.
    - `shared_guards`, `guards`: what makes the database refuse to change a table's rows.
    """

    commits_in_order: bool
    seal_batch: int
    column: str
    number: str
    unsealed: str
    candidates: str
    passed: str
    guards: tuple[str, ...]
    shared_guards: tuple[str, ...] = ()
    next_number: str = ""
    running: str = ""
    ending: str = "0"
    turn: str = ""
    settings: str = ""


_NEXT = 'SELECT coalesce(max(arrival), 0) + 1 FROM ledger_event WHERE "transaction" IS NULL'

SQLITE = LedgerDialect(
    commits_in_order=True,
    seal_batch=500,
    column="arrival",
    number=f"({_NEXT})",
    next_number=_NEXT,
    # In the order of an index, which no plan can do without: it is asked all the time.
    unsealed=(
        'SELECT 1 FROM ledger_event WHERE "transaction" IS NULL AND arrival > ?'
        " ORDER BY arrival LIMIT 1"
    ),
    candidates=(
        "SELECT {event}, e.arrival, 0 FROM ledger_event e"
        ' WHERE e."transaction" IS NULL AND e.arrival > max(?, ?) ORDER BY e.arrival LIMIT ?'
    ),
    passed="e.arrival <= (SELECT value FROM ledger_horizon)",
    guards=tuple(
        f"CREATE TRIGGER {{table}}_{what.lower()} BEFORE {what} ON {{table}}"
        f" BEGIN SELECT RAISE(ABORT, '{_REFUSAL}'); END"
        for what in ("UPDATE", "DELETE")
    ),
)

_LOCK = 0x6C6564676572  # "ledger" in ASCII: who seals holds it

# A horizon past every transaction comes from another server, from which the database was restored.
# Then all events are looked at once (-1), and from then on those of this server. What number the
# next transaction will have is a value, as another node of a cluster would know its own.
_SINCE = 'e."transaction" >= $1 AND ($1 < 0 OR e."transaction" < $2)'
# Of a whole round, whatever is committed meanwhile: else what is committed between two of its looks
# could be sealed before what it follows, whose arrival the round has passed already.
_OF_ROUND = (
    '$5::text IS NULL OR pg_visible_in_snapshot(e."transaction"::text::xid8, $5::text::pg_snapshot)'
)

POSTGRESQL = LedgerDialect(
    commits_in_order=False,
    seal_batch=1500,
    column='"transaction"',
    number="pg_current_xact_id()::text::bigint",
    # In the order of an index, as above.
    unsealed=f'SELECT 1 FROM ledger_event e WHERE {_SINCE} ORDER BY e."transaction" LIMIT 1',
    candidates=(
        "SELECT {event}, e.arrival, {sealed} FROM ledger_event e"
        f" WHERE {_SINCE} AND e.arrival > $3 AND ($1 < 0 OR {_OF_ROUND})"
        " ORDER BY e.arrival LIMIT $4"
    ),
    running=(
        "SELECT pg_snapshot_xmin(now)::text::bigint, pg_snapshot_xmax(now)::text::bigint, {ending},"
        " now::text FROM pg_current_snapshot() AS now"
    ),
    # A transaction that wrote on several nodes ends on the coordinator first. Until it has ended on
    # the others too, Citus keeps a row that it wrote (of which `age` says how long ago).
    ending="(SELECT coalesce(max(age(xmin)), 0) FROM pg_dist_transaction)",
    turn=f"SELECT pg_try_advisory_xact_lock({_LOCK})",
    # How few events lie behind the horizon isn't known to the planner; and the log grows, so that
    # no plan is to be kept from when it was small.
    settings=(
        "SELECT set_config('enable_seqscan', 'off', true),"
        " set_config('plan_cache_mode', 'force_custom_plan', true)"
    ),
    passed='e."transaction" < (SELECT value FROM ledger_horizon)',
    shared_guards=(
        "CREATE OR REPLACE FUNCTION ledger_refuse() RETURNS trigger LANGUAGE plpgsql\n"
        f"AS $$ BEGIN RAISE EXCEPTION '{_REFUSAL}'; END $$",
    ),
    # Two, as Citus makes none for TRUNCATE where the rows are.
    guards=tuple(
        f"CREATE TRIGGER append_only{name} BEFORE {what} ON {{table}}"
        " EXECUTE FUNCTION ledger_refuse()"
        for name, what in (("", "UPDATE OR DELETE"), ("_truncate", "TRUNCATE"))
    ),
)
