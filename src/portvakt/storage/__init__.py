"""Where rows are: the only package that knows SQL.

`database` says what a database can do; `sqlite` and `postgresql` do it. These three execute
SQL text and know nothing of resources.
"""
