"""Note the candidate that an event is compared with."""

import sqlalchemy as sa
from alembic import op

revision = "003"
down_revision = "002"

_COMPARED = sa.text("candidate IS NOT NULL")


def upgrade() -> None:
    op.add_column("events", sa.Column("candidate", sa.String(255).with_variant(sa.String(80), "sqlite")))
    op.create_index(
        "events_candidate", "events", ["candidate", "id"], sqlite_where=_COMPARED, postgresql_where=_COMPARED
    )
