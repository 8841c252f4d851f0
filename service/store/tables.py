"""The tables in their present version. `service/migrations` creates them."""

from sqlalchemy import BigInteger, Column, Double, ForeignKey, Index, Integer, MetaData, String, Table, Text, text

metadata = MetaData()
# A word has 200 characters at most, the name of a model's file 255. SQLite keeps longer texts than it declares.
_NAME = String(255).with_variant(String(80), "sqlite")
# SQLite generates ids only in a column of its type INTEGER.
_ID = BigInteger().with_variant(Integer, "sqlite")
_COMPARED = text("candidate IS NOT NULL")

events = Table(
    "events",
    metadata,
    Column("id", _ID, primary_key=True, autoincrement=True),  # rises in the order of commits
    Column("at", Double, nullable=False),  # seconds since 1970
    Column("source", String(80), nullable=False),
    Column("word", _NAME, nullable=False),
    Column("score", Double, nullable=False),  # smoothed posterior, 0 to 1
    Column("time", Double, nullable=False),  # seconds since the stream began
    Column("frame", BigInteger, nullable=False),
    Column("model", _NAME, nullable=False),
    Column("clip_bytes", Integer),  # size of the clip; null if it has none
    Column("verdict", String(16)),  # "right" or "wrong"
    Column("candidate", _NAME),  # the candidate that raised it, or whose rival did; else null
    Index("events_at", "at"),
    Index("events_word", "word", "id"),
    Index("events_source", "source", "id"),
    Index("events_candidate", "candidate", "id", sqlite_where=_COMPARED, postgresql_where=_COMPARED),
    sqlite_autoincrement=True,  # never reuse a deleted id
)

# One row per event and target, until it is delivered.
deliveries = Table(
    "deliveries",
    metadata,
    Column("id", _ID, primary_key=True, autoincrement=True),
    Column("event_id", _ID, ForeignKey("events.id", ondelete="CASCADE"), nullable=False),
    Column("target", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("attempts", Integer, nullable=False, default=0),
    Column("due", Double, nullable=False),  # seconds since 1970
    Index("deliveries_due", "target", "due"),
    Index("deliveries_event", "event_id"),
    sqlite_autoincrement=True,
)

words = Table(
    "words",
    metadata,
    Column("model", _NAME, primary_key=True),
    Column("word", _NAME, primary_key=True),
    Column("threshold", Double),  # 0 to 1; null: the model's own
    Column("refractory", Double),  # seconds; null: the model's own
)

choices = Table(
    "choices",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("value", Text, nullable=False),
)
