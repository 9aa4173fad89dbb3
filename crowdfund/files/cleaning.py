"""Photos as people send them: known by their content, decoded, and written anew in the sizes that pages show."""

import io
from typing import BinaryIO, NamedTuple

from PIL import Image

from crowdfund.core.errors import Refused
from crowdfund.files.decoding import decode, jpeg

MEGABYTE = 1024 * 1024
MOST_PHOTO_BYTES = 15 * MEGABYTE
WIDTHS = (480, 960, 1600)
LEAST_SIDE = 320
LONGEST_SHAPE = 4  # times as long as wide: anything thinner shows nothing once it is cropped
_QUALITY = 82


class Picture(NamedTuple):
    """One size of a picture, as a progressive JPEG."""

    width: int
    height: int
    body: bytes


def clean_picture(stream: BinaryIO, field: str = "photo") -> list[Picture]:
    """Return a photo in up to three widths, never larger than it is: upright, in sRGB, without any metadata.

    Raises Refused on `field` with a sentence, and Busy when too many pictures wait for their turn.
    """
    image = decode(read_all(stream, MOST_PHOTO_BYTES, field), field, shortest=WIDTHS[-1])
    _refuse_shape(image, field)
    largest = min(image.width, WIDTHS[-1])
    return [_sized(image, width) for width in (*(w for w in WIDTHS if w < largest), largest)]


def read_all(stream: BinaryIO, most_bytes: int, field: str) -> bytes:
    """Return what was sent. Raises Refused on `field` when it is empty, or too large to be read at all."""
    size = stream.seek(0, io.SEEK_END)
    stream.seek(0)
    if size == 0:
        raise Refused("empty", "This file is empty. Choose it again, or choose another one.", field)
    if size > most_bytes:
        sentence = f"This file has {size / MEGABYTE:,.1f} MB. It can have up to {most_bytes // MEGABYTE} MB."
        raise Refused("too_large", sentence, field)
    return stream.read(most_bytes)


def _refuse_shape(image: Image.Image, field: str) -> None:
    short, long = sorted(image.size)
    if short < LEAST_SIDE:
        sentence = f"This photo is too small to show: each side needs at least {LEAST_SIDE} pixels."
        raise Refused("too_small", sentence, field)
    if long > short * LONGEST_SHAPE:
        sentence = "This photo is too long and thin to show. Cut it to about three wide and two high."
        raise Refused("too_thin", sentence, field)


def _sized(image: Image.Image, width: int) -> Picture:
    height = round(image.height * width / image.width)
    shown = image.copy() if width == image.width else image.resize((width, height), Image.Resampling.LANCZOS)
    return Picture(width, height, jpeg(shown, _QUALITY))
