"""The steps. Each says in SQLAlchemy's words what changes, and imports no resource."""
