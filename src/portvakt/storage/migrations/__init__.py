"""The history of the schema: what makes an empty database, and what later releases change of it.

`versions` holds the steps, oldest first by their numbers. The first is a file of SQL for each
database, written by `portvakt generate first-step`; a later one is a module in the words of
`forms`, drafted by `portvakt generate step`. A step that has been released is never changed; a mend
is a new step. A test compares the end of the history with what the resources declare.
"""
