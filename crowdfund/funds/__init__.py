"""Funds: organisations with money to give, and their pots with dates."""
