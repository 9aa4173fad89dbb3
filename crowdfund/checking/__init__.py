"""Checking: whether a project is real, legal and eligible; and what neighbours worry about."""
