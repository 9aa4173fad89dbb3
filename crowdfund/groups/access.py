"""What one member may do to another's place in the group."""

from crowdfund.accounts.roles import MEMBER_RIGHTS, GroupRight, MemberRole
from crowdfund.core.actor import ALLOWED, Permit


def can_change_place(own: MemberRole | None, owners: int, place: MemberRole) -> Permit:
    """Say whether someone with the role `own` may give another role to a member who is `place` now.

    A group always keeps an owner: the last one stays.
    """
    if own is not None and GroupRight.MANAGE not in MEMBER_RIGHTS[own]:
        return Permit(False, "Only an owner of the group can do this.")
    return _keeps_an_owner(owners, place)


def can_end_place(own: MemberRole | None, owners: int, place: MemberRole, *, is_self: bool) -> Permit:
    """Say whether a place may be ended: everybody may leave, an owner may remove others, the last owner stays."""
    if is_self:
        return _keeps_an_owner(owners, place)
    return can_change_place(own, owners, place)


def _keeps_an_owner(owners: int, place: MemberRole) -> Permit:
    if place is MemberRole.OWNER and owners <= 1:
        return Permit(False, "A group always has an owner. Make somebody else an owner first.")
    return ALLOWED
