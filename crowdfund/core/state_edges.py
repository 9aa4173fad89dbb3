"""The allowed moves as rows, for the triggers that refuse every other."""

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from crowdfund.core.db import Base


class StateEdge(Base):
    """A move that triggers allow; written by migrations, compared with the tables in rules.py by a test."""

    __tablename__ = "state_edge"

    machine: Mapped[str] = mapped_column(String(40), primary_key=True)
    old_state: Mapped[str] = mapped_column(String(40), primary_key=True)
    new_state: Mapped[str] = mapped_column(String(40), primary_key=True)
