"""Alembic's entry: runs migrations on the database it is given."""

from alembic import context
from sqlalchemy import create_engine

import crowdfund.wiring  # noqa: F401 - knows every table
from crowdfund.core.db import Base, prepare_engine

url = context.config.attributes["database_url"]
engine = create_engine(url)
prepare_engine(engine)
with engine.connect() as connection:
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=connection.dialect.name == "sqlite",
        compare_type=True,
    )
    with context.begin_transaction():
        context.run_migrations()
    connection.commit()
engine.dispose()
