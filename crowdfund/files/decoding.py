"""Decoding a picture that a stranger sent: bounded in time and memory, upright, on white, in sRGB, nothing hidden."""

import io
import struct
import threading
import zlib
from collections.abc import Iterator
from contextlib import contextmanager

from PIL import Image, ImageCms, ImageFile

from crowdfund.core.errors import Busy, Refused

MOST_PIXELS = 50_000_000
PATIENCE_SECONDS = 30
_BAND = 256  # rows at once while colours are changed, so that a large picture is in memory once, not three times
_MOST_SCANS = 200  # an honest progressive JPEG has about ten; thousands of them only cost time
_MOST_PROFILE_BYTES = 4 * 1024 * 1024
_ORIENTATION = 0x0112
_TURNS: dict[int, Image.Transpose] = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
# What Pillow raises for files that are broken or only look like pictures.
_BROKEN = (OSError, SyntaxError, ValueError, TypeError, LookupError, EOFError, OverflowError, struct.error, zlib.error)
_BOMBS = (Image.DecompressionBombError, Image.DecompressionBombWarning)
_FROM_PHONES = (b"ftypheic", b"ftypheix", b"ftypheif", b"ftypmif1", b"ftypmsf1", b"ftypavif")
# One picture is decoded at a time in a process: each may take some hundred megabytes for a moment.
_turn = threading.Lock()


def decode(data: bytes, field: str, *, shortest: int) -> Image.Image:
    """Return what a JPEG, PNG or WebP (told by content) shows, its shorter side no less than `shortest` if it was.

    Raises Refused on `field` with a sentence, and Busy when too many pictures wait for their turn.
    """
    with _one_at_a_time(), _refusing_what_breaks(data, field), _opened(data) as image:
        # The size stands in the head of the file: nothing is decoded yet.
        if image.width * image.height > MOST_PIXELS:
            raise _too_many_pixels(field)
        if data.count(b"\xff\xda") > _MOST_SCANS:
            raise _unreadable(data, field)
        turn, profile = _TURNS.get(_orientation(image)), image.info.get("icc_profile")
        image.draft(None, (max(1, image.width // _spare(image, shortest)), 1))  # a JPEG may be decoded smaller
        image.load()
        plain = _to_srgb(_shrunk(image, _spare(image, shortest)), profile)
    return plain if turn is None else plain.transpose(turn)


def jpeg(image: Image.Image, quality: int) -> bytes:
    """Return a picture as a progressive JPEG that holds nothing but the picture."""
    image.info.clear()
    written = io.BytesIO()
    image.save(written, "JPEG", quality=quality, progressive=True, optimize=True)
    return written.getvalue()


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    if not _turn.acquire(timeout=PATIENCE_SECONDS):
        raise Busy("too many pictures wait to be decoded")
    try:
        yield
    finally:
        _turn.release()


@contextmanager
def _refusing_what_breaks(data: bytes, field: str) -> Iterator[None]:
    try:
        yield
    except _BOMBS as error:
        raise _too_many_pixels(field) from error
    except _BROKEN as error:
        raise _unreadable(data, field) from error


def _opened(data: bytes) -> ImageFile.ImageFile:
    return Image.open(io.BytesIO(data), formats=("JPEG", "PNG", "WEBP"))


def _spare(image: Image.Image, shortest: int) -> int:
    """Return how many pixels may become one without the shorter side falling under `shortest`."""
    return max(1, min(image.size) // shortest)


def _orientation(image: Image.Image) -> int:
    try:
        return int(image.getexif().get(_ORIENTATION, 1))
    except _BROKEN:
        return 1  # what a camera says about itself may be broken while its picture is not


def _shrunk(image: Image.Image, factor: int) -> Image.Image:
    """Return the picture on white in RGB (in CMYK where it was), each `factor` × `factor` pixels averaged to one."""
    mode = "CMYK" if image.mode == "CMYK" else "RGB"
    width, height = (-(-side // factor) for side in image.size)
    small = Image.new(mode, (width, height))
    rows = _BAND * factor
    for top in range(0, image.height, rows):
        band = _flat(image.crop((0, top, image.width, min(top + rows, image.height))))
        small.paste(band.reduce(factor) if factor > 1 else band, (0, top // factor))
    return small


def _flat(band: Image.Image) -> Image.Image:
    if band.mode == "CMYK":
        return band
    if band.mode.startswith("I;"):  # 16 bits of grey, which would be cut off instead of scaled
        band.info.pop("transparency", None)
        band = band.point(lambda value: value * (1 / 256)).convert("L")
    if "A" not in band.mode and "transparency" not in band.info:
        return band.convert("RGB")
    seen = band.convert("RGBA")
    paper = Image.new("RGBA", seen.size, "white")
    paper.alpha_composite(seen)
    return paper.convert("RGB")


def _to_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    if profile and len(profile) <= _MOST_PROFILE_BYTES:
        try:
            theirs = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            turned = ImageCms.profileToProfile(image, theirs, ImageCms.createProfile("sRGB"), outputMode="RGB")
        except (ImageCms.PyCMSError, *_BROKEN):
            turned = None  # a profile that does not fit its picture: plain colours are close enough
        if turned is not None:
            return turned
    return image.convert("RGB")


def _too_many_pixels(field: str) -> Refused:
    sentence = "This picture has more than 50 million pixels. Make it smaller, or choose another one."
    return Refused("too_many_pixels", sentence, field)


def _unreadable(data: bytes, field: str) -> Refused:
    if data[4:12] in _FROM_PHONES:
        sentence = "This photo is in a format that many browsers cannot show. Save or send it as JPEG, and choose that."
        return Refused("not_a_picture", sentence, field)
    sentence = "We cannot read this file as a picture. It must be a whole JPEG, PNG or WebP file."
    return Refused("not_a_picture", sentence, field)
