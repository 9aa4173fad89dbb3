"""Pictures to upload, drawn here: honest ones, odd ones, and files that only look like pictures."""

import io
import struct
import zlib
from typing import Any

from PIL import Image

RED, BLUE = (200, 30, 30), (30, 30, 200)


def two_halves(width: int = 1200, height: int = 800, mode: str = "RGB") -> Image.Image:
    """Return a picture whose left half is red and whose right half is blue."""
    image = Image.new("RGB", (width, height), RED)
    image.paste(BLUE, (width // 2, 0, width, height))
    return image.convert(mode)


def encoded(image: Image.Image, kind: str = "JPEG", **options: Any) -> bytes:
    """Return a picture as a file of this kind."""
    written = io.BytesIO()
    image.save(written, kind, **options)
    return written.getvalue()


def photo(width: int = 1200, height: int = 800) -> bytes:
    """Return an honest JPEG."""
    return encoded(two_halves(width, height))


def photo_of_a_phone(orientation: int = 1, width: int = 1200, height: int = 800) -> bytes:
    """Return a JPEG that says where, when and with what it was taken, and how it has to be turned."""
    exif = Image.Exif()
    exif[0x0112], exif[0x010F], exif[0x9286] = orientation, "Nosy Phone", "private remark"
    exif.get_ifd(0x8825).update({1: "N", 2: (51.0, 16.0, 40.0), 3: "E", 4: (1.0, 5.0, 12.0)})
    return encoded(two_halves(width, height), exif=exif, comment=b"a comment with a secret")


def png_head(width: int, height: int) -> bytes:
    """Return a PNG that claims a size and holds next to nothing."""
    chunks = (
        _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)),
        _chunk(b"IDAT", zlib.compress(b"\0" * 64)),
        _chunk(b"IEND", b""),
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def opened(body: bytes) -> Image.Image:
    """Return what a file shows."""
    image = Image.open(io.BytesIO(body))
    image.load()
    return image


def is_near(image: Image.Image, place: tuple[float, float], colour: tuple[int, int, int]) -> bool:
    """Say whether the picture has about this colour at a place given in parts of its width and height."""
    at = (int(image.width * place[0]), int(image.height * place[1]))
    pixel = image.convert("RGB").getpixel(at)
    assert isinstance(pixel, tuple)
    return all(abs(one - other) < 30 for one, other in zip(pixel, colour, strict=True))


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
