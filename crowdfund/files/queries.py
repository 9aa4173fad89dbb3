"""Reading files: lists without what is in them, one size of a picture, one body."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from crowdfund.core.errors import NotFound
from crowdfund.files.models import Purpose, StoredFile


def list_files(session: Session, *subjects: str) -> Sequence[StoredFile]:
    """Return the documents of one or more subjects ('project:3', 'line:12'), oldest first; pictures are left out."""
    if not subjects:
        return []
    statement = select(StoredFile).where(StoredFile.subject.in_(subjects), StoredFile.purpose != Purpose.PHOTO)
    return session.scalars(statement.order_by(StoredFile.id)).all()


def get_document(session: Session, public_id: str) -> StoredFile:
    """Return a document. Raises NotFound, for a picture too."""
    statement = select(StoredFile).where(StoredFile.public_id == public_id, StoredFile.purpose != Purpose.PHOTO)
    found = session.scalars(statement).one_or_none()
    if found is None:
        raise NotFound(f"document {public_id}")
    return found


def get_size(session: Session, public_id: str, width: int) -> StoredFile:
    """Return the widest size of a picture that is no wider than `width` pixels, else the narrowest. Raises NotFound."""
    statement = select(StoredFile).where(StoredFile.public_id == public_id, StoredFile.purpose == Purpose.PHOTO)
    sizes = session.scalars(statement.order_by(StoredFile.width)).all()
    if not sizes:
        raise NotFound(f"picture {public_id}")
    return next((size for size in reversed(sizes) if size.width <= width), sizes[0])


def list_sizes(session: Session, public_id: str) -> list[tuple[int, int]]:
    """Return the width in pixels and the bytes of every size of a picture, the narrowest first."""
    statement = select(StoredFile.width, StoredFile.size_bytes).where(StoredFile.public_id == public_id)
    return [(width, size_bytes) for width, size_bytes in session.execute(statement.order_by(StoredFile.width))]


def read_body(session: Session, file_id: int) -> bytes:
    """Return what is in a file."""
    return session.scalars(select(StoredFile.body).where(StoredFile.id == file_id)).one()
