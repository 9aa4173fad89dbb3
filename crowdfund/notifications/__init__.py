"""Notifications: mails rendered from templates, kept in an outbox, sent by the worker."""
