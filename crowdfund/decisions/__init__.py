"""Decisions: who decided what under which authority, and declared interests. Nothing here is ever changed."""
