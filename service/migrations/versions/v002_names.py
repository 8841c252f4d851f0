"""Make room for the longest names of words and models. SQLite keeps any text in its columns as they are."""

import sqlalchemy as sa
from alembic import op

revision = "002"
down_revision = "001"


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        return
    for table in ("events", "words"):
        for column in ("word", "model"):
            op.alter_column(table, column, type_=sa.String(255), existing_nullable=False)
