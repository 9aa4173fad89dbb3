"""Alembic migrations, in readable order."""
