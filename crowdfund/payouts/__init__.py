"""Payouts: bank details, payments prepared and approved by two people, and payment files."""
