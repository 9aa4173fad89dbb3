"""Payments: the gateway to Stripe, cards saved for later, the webhook inbox."""
