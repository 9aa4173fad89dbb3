"""Documents as people send them: PDF, JPEG or PNG by their first bytes; pictures are written anew, PDFs kept."""

import re
import unicodedata
from typing import BinaryIO, NamedTuple

from crowdfund.core.errors import Refused
from crowdfund.files.cleaning import MEGABYTE, read_all
from crowdfund.files.decoding import decode, jpeg

MOST_DOCUMENT_BYTES = 10 * MEGABYTE
MOST_DOCUMENTS = 20
_LEGIBLE = 2500  # pixels of the shorter side: a page of A4 scanned at 300 dots per inch stays as it is
_LONGEST_SHAPE = 20  # a till receipt is long
_QUALITY = 88
_MOST_NAME = 80
_TAIL = 64 * 1024
_PICTURES = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")


class Document(NamedTuple):
    """A file to keep: its cleaned name, its type and what is in it."""

    name: str
    media_type: str
    body: bytes


def clean_document(stream: BinaryIO, name: str, field: str = "file") -> Document:
    """Return a document with a harmless name. What is inside a PDF is not looked at: it is only ever downloaded.

    Raises Refused on `field` with a sentence, and Busy when too many pictures wait for their turn.
    """
    data = read_all(stream, MOST_DOCUMENT_BYTES, field)
    if data.startswith(b"%PDF-"):
        if b"%%EOF" not in data[-_TAIL:]:
            raise Refused("cut_off", "This PDF is not whole: its end is missing. Save it again and choose it.", field)
        return Document(clean_name(name, "pdf"), "application/pdf", data)
    if data.startswith(_PICTURES):
        return Document(clean_name(name, "jpg"), "image/jpeg", _picture(data, field))
    raise Refused("wrong_kind", "We cannot use this kind of file. Choose a PDF, JPEG or PNG.", field)


def clean_name(name: str, extension: str) -> str:
    """Return a file's name without folders, odd characters and its own extension, with ours."""
    last = unicodedata.normalize("NFC", re.split(r"[/\\]", name)[-1])
    stem = last.rpartition(".")[0] or last
    words = " ".join(re.sub(r"[^\w .,()&+-]", " ", stem).split()).strip(". ")
    return f"{words[:_MOST_NAME].strip('. ') or 'document'}.{extension}"


def _picture(data: bytes, field: str) -> bytes:
    image = decode(data, field, shortest=_LEGIBLE)
    short, long = sorted(image.size)
    if long > short * _LONGEST_SHAPE:
        raise Refused("too_thin", "This picture is too long and thin to be read. Choose another one.", field)
    return jpeg(image, _QUALITY)
