"""Pledges: the resident's journey from an amount to an active pledge, and the backer's own page."""
