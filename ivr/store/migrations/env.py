"""Alembic environment. It uses the connection that `ivr.store.opening.migrate` put into the configuration."""

from alembic import context

context.configure(connection=context.config.attributes["connection"], target_metadata=None)
with context.begin_transaction():
    context.run_migrations()
