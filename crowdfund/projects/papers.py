"""A project's documents: quotes for costs, evidence of other money, permissions, the group's rules."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from crowdfund.core import audit
from crowdfund.core.actor import Actor
from crowdfund.core.audit_tags import Tag
from crowdfund.core.errors import NotFound, Refused
from crowdfund.core.money import pounds
from crowdfund.files.actions import delete_file, store_document
from crowdfund.files.documents import MOST_DOCUMENTS, Document
from crowdfund.files.models import Purpose, StoredFile
from crowdfund.files.queries import get_document, list_files
from crowdfund.projects.drafting import lock_draft
from crowdfund.projects.models import Project, ProjectLine
from crowdfund.projects.queries import list_lines
from crowdfund.projects.rules import LineKind

TITLES: dict[Purpose, str] = {
    Purpose.QUOTE: "Quotes",
    Purpose.OTHER_MONEY: "Evidence of other money",
    Purpose.PERMISSION: "Permissions",
    Purpose.RULES: "Your group’s rules",
}
_OF_PROJECT: dict[Purpose, str] = {
    Purpose.PERMISSION: "Permission of whoever owns the land or building, and any other you need",
    Purpose.RULES: "Constitution or rules, if your group has them in writing",
}
_OF_LINE: dict[LineKind, Purpose] = {LineKind.COST: Purpose.QUOTE, LineKind.OTHER_MONEY: Purpose.OTHER_MONEY}


@dataclass(frozen=True)
class Shelf:
    """Where files of one kind lie: what it stands for in an address, what it is for and what is on it."""

    key: str
    purpose: Purpose
    label: str
    subject: str
    files: Sequence[StoredFile]


def list_shelves(session: Session, project: Project) -> list[Shelf]:
    """Return where a project's documents lie, with them, in two queries: by cost, other money, then the project's."""
    return _shelves(session, project.id, list_lines(session, project.id))


def get_shelf(session: Session, project: Project, key: str) -> Shelf:
    """Return one shelf of a project. Raises NotFound."""
    for shelf in list_shelves(session, project):
        if shelf.key == key:
            return shelf
    raise NotFound(f"shelf {key}")


def get_paper(session: Session, project: Project, public_id: str) -> StoredFile:
    """Return a document of this project and no other. Raises NotFound."""
    stored = get_document(session, public_id)
    kind, _, number = stored.subject.partition(":")
    owner = session.get(ProjectLine, int(number)) if kind == "line" else None
    project_id = owner.project_id if owner is not None else int(number) if kind == "project" else None
    if project_id != project.id:
        raise NotFound(f"document {public_id}")
    return stored


def add_paper(session: Session, project_id: int, key: str, document: Document, *, actor: Actor, now: datetime) -> None:
    """Keep a cleaned document with a draft; the same one sent twice is kept once.

    Raises NotFound, Forbidden and Refused as `lock_draft` does, NotFound for a shelf that is gone, Refused beyond 20.
    """
    project = lock_draft(session, project_id, actor)
    shelves = list_shelves(session, project)
    shelf = next((shelf for shelf in shelves if shelf.key == key), None)
    if shelf is None:
        raise NotFound(f"shelf {key}")
    if any((kept.name, kept.size_bytes) == (document.name, len(document.body)) for kept in shelf.files):
        return
    if sum(len(shelf.files) for shelf in shelves) >= MOST_DOCUMENTS:
        sentence = f"A project can have {MOST_DOCUMENTS} documents. Remove one, or put several pages into one PDF."
        raise Refused("too_many", sentence, "file")
    store_document(session, shelf.subject, shelf.purpose, document, actor=actor, now=now)
    purpose = shelf.purpose.value
    audit.record(session, Tag.FILE_ADDED, actor=actor, subject_id=project_id, now=now, purpose=purpose)


def remove_paper(session: Session, project_id: int, public_id: str, *, actor: Actor, now: datetime) -> None:
    """Delete a document of a draft. Raises NotFound, Forbidden and Refused as `lock_draft` does."""
    project = lock_draft(session, project_id, actor)
    purpose = get_paper(session, project, public_id).purpose.value
    delete_file(session, public_id)
    audit.record(session, Tag.FILE_REMOVED, actor=actor, subject_id=project_id, now=now, purpose=purpose)


def _shelves(session: Session, project_id: int, lines: Mapping[LineKind, Sequence[ProjectLine]]) -> list[Shelf]:
    bare = [
        (f"line-{line.id}", purpose, f"{line.label}, {pounds(line.amount_pence or 0)}", f"line:{line.id}")
        for kind, purpose in _OF_LINE.items()
        for line in lines[kind]
    ]
    bare += [(purpose.value, purpose, label, f"project:{project_id}") for purpose, label in _OF_PROJECT.items()]
    stored = list_files(session, *dict.fromkeys(subject for *_, subject in bare))
    return [
        Shelf(key, purpose, label, subject, [f for f in stored if f.subject == subject and f.purpose is purpose])
        for key, purpose, label, subject in bare
    ]
