"""Districts, divisions and postcodes with the dates they hold for."""

from datetime import date

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from crowdfund.core.db import Base


class District(Base):
    """A district council's area; `in_area` says whether the council's programme covers it."""

    __tablename__ = "district"

    code: Mapped[str] = mapped_column(String(9), primary_key=True)
    name: Mapped[str] = mapped_column(String(60))
    council_name: Mapped[str] = mapped_column(String(80))
    slug: Mapped[str] = mapped_column(String(40), unique=True)
    in_area: Mapped[bool]
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]


class ElectoralDivision(Base):
    """A county councillor's area; picked from a list, as no open file says which postcode is in which."""

    __tablename__ = "electoral_division"

    code: Mapped[str] = mapped_column(String(9), primary_key=True)
    name: Mapped[str] = mapped_column(String(80))
    district_code: Mapped[str] = mapped_column(ForeignKey("district.code"), index=True)


class Postcode(Base):
    """A postcode and the district it lies in, from the official postcode directory."""

    __tablename__ = "postcode"

    code: Mapped[str] = mapped_column(String(8), primary_key=True)
    district_code: Mapped[str] = mapped_column(ForeignKey("district.code"), index=True)
