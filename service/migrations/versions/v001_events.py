"""Create the tables: events, deliveries, the words' settings, and choices such as the active model."""

import sqlalchemy as sa
from alembic import op

revision = "001"
down_revision = None

_ID = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    op.create_table(
        "events",
        sa.Column("id", _ID, primary_key=True, autoincrement=True),
        sa.Column("at", sa.Double, nullable=False),
        sa.Column("source", sa.String(80), nullable=False),
        sa.Column("word", sa.String(80), nullable=False),
        sa.Column("score", sa.Double, nullable=False),
        sa.Column("time", sa.Double, nullable=False),
        sa.Column("frame", sa.BigInteger, nullable=False),
        sa.Column("model", sa.String(80), nullable=False),
        sa.Column("clip_bytes", sa.Integer),
        sa.Column("verdict", sa.String(16)),
        sqlite_autoincrement=True,
    )
    op.create_index("events_at", "events", ["at"])
    op.create_index("events_word", "events", ["word", "id"])
    op.create_index("events_source", "events", ["source", "id"])
    op.create_table(
        "deliveries",
        sa.Column("id", _ID, primary_key=True, autoincrement=True),
        sa.Column("event_id", _ID, sa.ForeignKey("events.id", ondelete="CASCADE"), nullable=False),
        sa.Column("target", sa.Text, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("due", sa.Double, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("deliveries_due", "deliveries", ["target", "due"])
    op.create_index("deliveries_event", "deliveries", ["event_id"])
    op.create_table(
        "words",
        sa.Column("model", sa.String(80), primary_key=True),
        sa.Column("word", sa.String(80), primary_key=True),
        sa.Column("threshold", sa.Double),
        sa.Column("refractory", sa.Double),
    )
    op.create_table(
        "choices",
        sa.Column("name", sa.String(40), primary_key=True),
        sa.Column("value", sa.Text, nullable=False),
    )
