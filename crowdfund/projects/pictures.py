"""A draft's picture: a photo of the group's own, or a drawing. Nobody's choice is overwritten unseen."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from crowdfund.core import audit
from crowdfund.core.actor import Actor
from crowdfund.core.audit_tags import Tag
from crowdfund.files.actions import delete_file, store_picture
from crowdfund.files.cleaning import Picture
from crowdfund.files.models import Purpose
from crowdfund.files.queries import list_sizes
from crowdfund.projects.drafting import lock_draft, refuse_overtaken
from crowdfund.projects.models import Project
from crowdfund.projects.rules import Section
from crowdfund.projects.scenes import SCENES, path_of
from crowdfund.projects.sections import fingerprint

PHOTO = "photo:"


def photo_of(picture: str) -> str | None:
    """Return the public id of the photo that a project shows, None for a drawing."""
    return picture.removeprefix(PHOTO) if picture.startswith(PHOTO) else None


def picture_values(project: Project) -> dict[str, Any]:
    """Return what the pages of the picture hold now."""
    return {"picture": project.picture, "picture_alt": project.picture_alt}


def picture_mark(project: Project) -> str:
    """Return the mark of what somebody saw who opened a page of the picture."""
    return fingerprint(picture_values(project))


def set_photo(
    session: Session, project_id: int, sizes: Sequence[Picture], alt: str, seen: str, *, actor: Actor, now: datetime
) -> None:
    """Make a cleaned photo the picture; the one before is deleted. Sent twice it is kept once.

    Raises NotFound, Forbidden and Refused as `lock_draft` does, Overtaken when `seen` is not what stands there.
    """
    project = lock_draft(session, project_id, actor)
    if _shows_already(session, project, sizes, alt):
        return
    _refuse_unseen(session, project, seen)
    _drop_photo(session, project, actor, now)
    kept = store_picture(session, f"project:{project_id}", sizes, actor=actor, now=now)
    audit.record(session, Tag.FILE_ADDED, actor=actor, subject_id=project_id, now=now, purpose=Purpose.PHOTO.value)
    _show(session, project, f"{PHOTO}{kept}", alt, actor=actor, now=now)


def describe_photo(session: Session, project_id: int, alt: str, seen: str, *, actor: Actor, now: datetime) -> None:
    """Change what is said of the photo. Raises as `set_photo` does."""
    project = lock_draft(session, project_id, actor)
    if alt != project.picture_alt:
        _refuse_unseen(session, project, seen)
        _show(session, project, project.picture, alt, actor=actor, now=now)


def set_drawing(session: Session, project_id: int, key: str, seen: str, *, actor: Actor, now: datetime) -> None:
    """Make a drawing the picture; a photo that was there is deleted. Raises as `set_photo` does."""
    project = lock_draft(session, project_id, actor)
    if project.picture != path_of(key):
        _refuse_unseen(session, project, seen)
        _drop_photo(session, project, actor, now)
        _show(session, project, path_of(key), SCENES[key].alt, actor=actor, now=now)


def _refuse_unseen(session: Session, project: Project, seen: str) -> None:
    refuse_overtaken(session, project.id, Section.PICTURE, seen, picture_values(project))


def _shows_already(session: Session, project: Project, sizes: Sequence[Picture], alt: str) -> bool:
    shown = photo_of(project.picture)
    if shown is None or alt != project.picture_alt:
        return False
    return list_sizes(session, shown) == [(size.width, len(size.body)) for size in sizes]


def _drop_photo(session: Session, project: Project, actor: Actor, now: datetime) -> None:
    old = photo_of(project.picture)
    if old is not None:
        delete_file(session, old)
        purpose = Purpose.PHOTO.value
        audit.record(session, Tag.FILE_REMOVED, actor=actor, subject_id=project.id, now=now, purpose=purpose)


def _show(session: Session, project: Project, picture: str, alt: str, *, actor: Actor, now: datetime) -> None:
    project.picture, project.picture_alt = picture, alt
    session.flush()
    section = Section.PICTURE.value
    audit.record(session, Tag.PROJECT_EDITED, actor=actor, subject_id=project.id, now=now, section=section)
