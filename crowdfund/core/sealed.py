"""Sealing small secrets at rest: a stolen table is useless without the service's key."""

import base64
import hashlib
import hmac

from cryptography.fernet import Fernet


def seal(secret: str, purpose: str, text: str) -> str:
    """Return text encrypted and signed with a key of its own for this purpose."""
    return _box(secret, purpose).encrypt(text.encode()).decode()


def unseal(secret: str, purpose: str, sealed: str) -> str:
    """Return what was sealed. Raises cryptography.fernet.InvalidToken when key, purpose or text do not fit."""
    return _box(secret, purpose).decrypt(sealed.encode()).decode()


def _box(secret: str, purpose: str) -> Fernet:
    key = hmac.new(secret.encode(), f"seal:{purpose}".encode(), hashlib.sha256).digest()
    return Fernet(base64.urlsafe_b64encode(key))
