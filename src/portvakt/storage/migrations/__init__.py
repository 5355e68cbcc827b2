"""The history of the schema: one for both databases, run by Alembic (see `storage.migrate`).

`versions` holds one file a step, oldest first. A step that has been released is never changed; a
mend is a new step. A test compares the end of the history with what the resources declare.
"""
