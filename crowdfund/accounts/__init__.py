"""Accounts: people, their browser sessions, e-mail codes and the consents they gave."""
