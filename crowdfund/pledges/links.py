"""The personal link in a backer's mails: signed, for one pledge, exchanged by a button for a session."""

from itsdangerous import BadData, URLSafeTimedSerializer

from crowdfund.pledges.models import Pledge

LINK_DAYS = 200  # longer than the longest campaign and its settlement


def _signer(secret: str) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(secret, salt="pledge-link")


def link_key(pledge: Pledge, secret: str) -> str:
    """Return the key that opens this pledge and nothing else."""
    return str(_signer(secret).dumps(pledge.public_id))


def opens(key: str, pledge: Pledge, secret: str) -> bool:
    """Say whether a key opens this pledge and has not run out."""
    try:
        return bool(_signer(secret).loads(key, max_age=LINK_DAYS * 86400) == pledge.public_id)
    except BadData:
        return False
