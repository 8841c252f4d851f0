"""The tables as they are now; `service/migrations` says how they came to be so."""

from sqlalchemy import BigInteger, Column, Double, ForeignKey, Index, Integer, MetaData, String, Table, Text

metadata = MetaData()
# SQLite counts by itself only in a column that it calls INTEGER.
_ID = BigInteger().with_variant(Integer, "sqlite")

events = Table(
    "events",
    metadata,
    Column("id", _ID, primary_key=True, autoincrement=True),  # rises in the order of commits
    Column("at", Double, nullable=False),  # seconds since 1970
    Column("source", String(80), nullable=False),
    Column("word", String(80), nullable=False),
    Column("score", Double, nullable=False),  # smoothed posterior, 0 to 1
    Column("time", Double, nullable=False),  # seconds since the stream began
    Column("frame", BigInteger, nullable=False),
    Column("model", String(80), nullable=False),
    Column("clip_bytes", Integer),  # of its file; null where none is kept
    Column("verdict", String(16)),  # what its listener said of it
    Index("events_at", "at"),
    Index("events_word", "word", "id"),
    Index("events_source", "source", "id"),
    sqlite_autoincrement=True,  # an id that was deleted never comes again
)

# A row for each event and each system that is to be told of it, until that has happened.
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
    Column("model", String(80), primary_key=True),
    Column("word", String(80), primary_key=True),
    Column("threshold", Double),  # 0 to 1; null is the model's own
    Column("refractory", Double),  # seconds; null is the model's own
)

choices = Table(
    "choices",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("value", Text, nullable=False),
)
