"""The links in a backer's mails, signed and for one pledge: one opens it, the other only ends mails with news."""

from itsdangerous import BadData, URLSafeSerializer, URLSafeTimedSerializer

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


def off_key(pledge: Pledge, secret: str) -> str:
    """Return the key that turns mails with the project's news off, and opens nothing. It never runs out."""
    return str(URLSafeSerializer(secret, salt="pledge-updates-off").dumps(pledge.public_id))


def turns_off(key: str, pledge: Pledge, secret: str) -> bool:
    """Say whether a key turns off the news of this pledge."""
    try:
        return bool(URLSafeSerializer(secret, salt="pledge-updates-off").loads(key) == pledge.public_id)
    except BadData:
        return False
