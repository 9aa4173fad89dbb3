"""Identifiers that people and addresses carry: random, unguessable and without look-alike letters."""

import hashlib
import hmac
import re
import secrets
import unicodedata

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford's base 32: no i, l, o or u


def public_id() -> str:
    """Return a random id of 130 bits for addresses."""
    return "".join(secrets.choice(ALPHABET) for _ in range(26))


def reference(prefix: str) -> str:
    """Return a short reference to read out on the phone, such as 'P-7K2M-9QXC'."""
    code = "".join(secrets.choice(ALPHABET) for _ in range(8)).upper()
    return f"{prefix}-{code[:4]}-{code[4:]}"


def six_digits() -> str:
    """Return a random six-digit code."""
    return f"{secrets.randbelow(1_000_000):06d}"


def keyed_hash(secret: str, purpose: str, value: str) -> str:
    """Return a keyed hash, so that a stolen table reveals no code, address or card."""
    return hmac.new(secret.encode(), f"{purpose}:{value}".encode(), hashlib.sha256).hexdigest()


def slugify(text: str) -> str:
    """Return text for an address: lower-case ASCII words joined by dashes, at most 60 characters."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain.replace("'", "")).strip("-")[:60].strip("-") or "project"
