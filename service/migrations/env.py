"""Alembic's entry point. Runs on the connection that `service.store.database` passes."""

from alembic import context

from service.store.tables import metadata

if "connection" in context.config.attributes:
    context.configure(
        connection=context.config.attributes["connection"], target_metadata=metadata, transactional_ddl=False
    )
    context.run_migrations()
