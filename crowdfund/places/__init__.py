"""Places: districts, electoral divisions and postcodes, as dated reference data."""
