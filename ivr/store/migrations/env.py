"""Alembic asks here for a connection; `ivr.store.opening.migrate` hands one over."""

from alembic import context

context.configure(connection=context.config.attributes["connection"], target_metadata=None)
with context.begin_transaction():
    context.run_migrations()
