"""The link in an invitation's mail: signed, and good for this one invitation."""

from itsdangerous import BadData, URLSafeSerializer

from crowdfund.groups.models import Invitation

# The invitation itself says until when it holds.
_SALT = "invitation-link"


def link_key(invitation: Invitation, secret: str) -> str:
    """Return the key that opens this invitation and nothing else."""
    return str(URLSafeSerializer(secret, salt=_SALT).dumps(invitation.public_id))


def opens(key: str, invitation: Invitation, secret: str) -> bool:
    """Say whether a key opens this invitation."""
    try:
        return bool(URLSafeSerializer(secret, salt=_SALT).loads(key) == invitation.public_id)
    except BadData:
        return False


def mailed_address(invitation: Invitation, base: str, secret: str) -> str:
    """Return the address for the mail; `base` is the service's own address."""
    return f"{base.rstrip('/')}/invitations/{invitation.public_id}?key={link_key(invitation, secret)}"
