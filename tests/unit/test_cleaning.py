"""Pictures and documents come out clean or are refused with a sentence, in bounded time and memory."""

import io
import subprocess
import sys
import time
from contextlib import suppress

import pytest
from PIL import Image, ImageCms

from crowdfund.core.config import ROOT
from crowdfund.core.errors import Refused
from crowdfund.files.cleaning import MOST_PHOTO_BYTES, Picture, clean_picture
from crowdfund.files.documents import MOST_DOCUMENT_BYTES, clean_document, clean_name
from tests.support.images import BLUE, RED, encoded, is_near, opened, photo, photo_of_a_phone, png_head, two_halves

LEFT, RIGHT = (0.2, 0.5), (0.8, 0.5)
TOP, BOTTOM = (0.5, 0.2), (0.5, 0.8)
PDF = b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\ntrailer\n<< /Root 1 0 R >>\n%%EOF\n"
# Peak memory of the process above what it had after a small picture, in MB.
PEAK = """
import io, resource, sys
from crowdfund.core.errors import Refused
from crowdfund.files.cleaning import clean_picture
from tests.support.images import photo, png_head
peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
clean_picture(io.BytesIO(photo()))
before = peak()
try:
    clean_picture(io.BytesIO(sys.stdin.buffer.read()))
except Refused as refused:
    print(refused.code, peak() - before)
else:
    print("clean", peak() - before)
"""


def clean(data: bytes) -> list[Picture]:
    return clean_picture(io.BytesIO(data))


def refusal(data: bytes) -> Refused:
    with pytest.raises(Refused) as caught:
        clean(data)
    assert caught.value.field == "photo"
    assert caught.value.message.endswith(".")
    return caught.value


def largest(data: bytes) -> Image.Image:
    sizes = clean(data)
    for size in sizes:
        shown = opened(size.body)
        assert (shown.format, shown.mode, shown.size) == ("JPEG", "RGB", (size.width, size.height))
        assert shown.info.get("progressive")
        assert not shown.getexif()
        assert not {"exif", "icc_profile", "comment", "xmp", "photoshop"} & set(shown.info)
    return opened(sizes[-1].body)


def test_a_large_photo_comes_in_three_widths_and_keeps_its_shape() -> None:
    sizes = clean(photo(4000, 3000))
    assert [(size.width, size.height) for size in sizes] == [(480, 360), (960, 720), (1600, 1200)]
    assert is_near(opened(sizes[0].body), LEFT, RED)
    assert is_near(opened(sizes[2].body), RIGHT, BLUE)


@pytest.mark.parametrize(("width", "widths"), [(400, [400]), (480, [480]), (700, [480, 700]), (1600, [480, 960, 1600])])
def test_a_photo_is_never_enlarged(width: int, widths: list[int]) -> None:
    assert [size.width for size in clean(photo(width, 400))] == widths


def test_place_time_and_camera_are_gone() -> None:
    sent = photo_of_a_phone()
    assert opened(sent).getexif().get_ifd(0x8825)
    largest(sent)
    for size in clean(sent):
        for secret in (b"Nosy", b"remark", b"Exif", b"secret", b"GPS"):
            assert secret not in size.body


@pytest.mark.parametrize(
    ("orientation", "red", "blue"),
    [(1, LEFT, RIGHT), (2, RIGHT, LEFT), (3, RIGHT, LEFT), (5, TOP, BOTTOM), (6, TOP, BOTTOM), (8, BOTTOM, TOP)],
)
def test_a_turned_photo_stands_upright(orientation: int, red: tuple[float, float], blue: tuple[float, float]) -> None:
    shown = largest(photo_of_a_phone(orientation))
    assert shown.size == ((1200, 800) if orientation < 5 else (800, 1200))
    assert is_near(shown, red, RED)
    assert is_near(shown, blue, BLUE)


@pytest.mark.parametrize("mode", ["CMYK", "L", "P", "1"])
def test_every_kind_of_colour_becomes_plain(mode: str) -> None:
    kind = "JPEG" if mode in {"CMYK", "L"} else "PNG"
    image = two_halves().quantize(16) if mode == "P" else two_halves(mode=mode)
    shown = largest(encoded(image, kind))
    assert mode in {"L", "1"} or is_near(shown, LEFT, RED)


def test_sixteen_bits_of_grey_are_scaled_not_cut_off() -> None:
    assert is_near(largest(encoded(Image.new("I;16", (700, 600), 40_000), "PNG")), LEFT, (156, 156, 156))


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
@pytest.mark.parametrize("mode", ["RGBA", "LA"])
def test_what_is_transparent_becomes_white(kind: str, mode: str) -> None:
    image = two_halves(mode=mode)
    image.paste(Image.new(mode, (600, 800)), (0, 0))
    shown = largest(encoded(image, kind))
    assert is_near(shown, LEFT, (255, 255, 255))
    assert mode == "LA" or is_near(shown, RIGHT, BLUE)


def test_one_transparent_colour_of_a_palette_becomes_white() -> None:
    shown = largest(encoded(two_halves().quantize(2), "PNG", transparency=0))
    assert is_near(shown, LEFT, (255, 255, 255)) != is_near(shown, RIGHT, (255, 255, 255))


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_of_a_moving_picture_the_first_one_stays(kind: str) -> None:
    frames = [Image.new("RGB", (600, 400), RED), Image.new("RGB", (600, 400), BLUE)]
    data = encoded(frames[0], kind, save_all=True, append_images=frames[1:], duration=100)
    assert getattr(opened(data), "n_frames", 1) == 2
    assert is_near(largest(data), LEFT, RED)


def test_colours_of_another_profile_are_turned_into_ours() -> None:
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    for profile in (srgb, lab, b"no profile at all", b""):
        assert is_near(largest(encoded(two_halves(), icc_profile=profile)), LEFT, RED)


@pytest.mark.parametrize("tail", [b"PK\x03\x04 a zip", b"<script>alert(1)</script>", b"<?php system('id'); ?>"])
def test_what_hides_behind_a_photo_is_gone(tail: bytes) -> None:
    sent = photo() + tail
    largest(sent)
    assert all(tail not in size.body for size in clean(sent))


@pytest.mark.parametrize(
    "data",
    [
        b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
        b"<!doctype html><script>alert(1)</script>",
        b"\x89PNG\r\n\x1a\n",
        b"\xff\xd8\xff\xe0",
        b"RIFF\x10\0\0\0WEBPVP8 ",
        b"\0" * 5000,
        encoded(two_halves(), "GIF"),
        encoded(two_halves(), "TIFF"),
        encoded(two_halves(), "BMP"),
        PDF,
    ],
    ids=["svg", "html", "png-head", "jpeg-head", "webp-head", "zeros", "gif", "tiff", "bmp", "pdf"],
)
def test_anything_but_a_photo_is_refused(data: bytes) -> None:
    assert refusal(data).code == "not_a_picture"


def test_a_photo_as_some_phones_keep_it_is_refused_with_advice() -> None:
    assert "JPEG" in refusal(b"\0\0\0\x18ftypheic" + b"\0" * 100).message


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_half_a_file_is_refused(kind: str) -> None:
    data = encoded(Image.effect_noise((800, 600), 60).convert("RGB"), kind)
    assert refusal(data[: len(data) // 2]).code == "not_a_picture"


@pytest.mark.parametrize("at", [30, 200, 700, 2000])
def test_a_damaged_file_is_clean_or_refused(at: int) -> None:
    for kind in ("JPEG", "PNG", "WEBP"):
        data = bytearray(encoded(Image.effect_noise((800, 600), 60).convert("RGB"), kind))
        data[at : at + 40] = b"\xff" * 40
        with suppress(Refused):  # either is right; anything else is a defect
            largest(bytes(data))


def test_nothing_and_too_much_are_refused() -> None:
    assert refusal(b"").code == "empty"
    huge = refusal(photo() + b"\0" * MOST_PHOTO_BYTES)
    assert (huge.code, "15 MB" in huge.message) == ("too_large", True)


@pytest.mark.parametrize(("size", "code"), [((300, 900), "too_small"), ((2000, 400), "too_thin")])
def test_what_shows_nothing_is_refused(size: tuple[int, int], code: str) -> None:
    assert refusal(photo(*size)).code == code


def test_a_jpeg_of_thousands_of_scans_is_refused_before_it_costs_time() -> None:
    assert refusal(photo()[:-2] + b"\xff\xda\x00\x08" * 5000).code == "not_a_picture"


@pytest.mark.parametrize(("width", "height"), [(30_000, 30_000), (9_000, 9_000), (100_000, 1_000), (2**31 - 1, 1)])
def test_far_too_many_pixels_cost_neither_time_nor_memory(width: int, height: int) -> None:
    began = time.monotonic()
    assert refusal(png_head(width, height)).code in {"too_many_pixels", "not_a_picture"}
    assert time.monotonic() - began < 2
    code, grown = peak(png_head(30_000, 30_000))
    assert (code, grown < 20) == ("too_many_pixels", True), grown


def test_the_largest_allowed_picture_stays_within_bounds() -> None:
    data = encoded(Image.linear_gradient("L").resize((7000, 7000)).convert("RGBA"), "PNG", compress_level=1)
    code, grown = peak(data)
    assert code == "clean"
    assert grown < 450, grown


def test_a_pdf_is_kept_as_it_is() -> None:
    kept = clean_document(io.BytesIO(PDF), "Quote.PDF")
    assert kept == ("Quote.pdf", "application/pdf", PDF)


def test_a_picture_among_documents_is_written_anew_and_stays_legible() -> None:
    kept = clean_document(io.BytesIO(photo_of_a_phone(6, 3600, 2600) + b"PK\x03\x04"), "letter.png")
    assert (kept.name, kept.media_type) == ("letter.jpg", "image/jpeg")
    shown = opened(kept.body)
    assert shown.size == (2600, 3600)
    assert not shown.getexif()
    assert b"PK\x03\x04" not in kept.body


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty"),
        (b"MZ\x90\0", "wrong_kind"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "wrong_kind"),
        (b" " + PDF, "wrong_kind"),
        (encoded(two_halves(), "WEBP"), "wrong_kind"),
        (PDF[:30], "cut_off"),
        (PDF + b"\0" * MOST_DOCUMENT_BYTES, "too_large"),
        (photo(4000, 100), "too_thin"),
        (photo()[:900], "not_a_picture"),
        (png_head(30_000, 30_000), "too_many_pixels"),
    ],
)
def test_other_documents_are_refused(data: bytes, code: str) -> None:
    with pytest.raises(Refused) as caught:
        clean_document(io.BytesIO(data), "quote.pdf")
    assert (caught.value.code, caught.value.field) == (code, "file")


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("Quote for the ramp.pdf", "Quote for the ramp.pdf"),
        ("C:\\Users\\rosa\\Angebot Müller.PDF", "Angebot Müller.pdf"),
        ("../../etc/passwd", "passwd.pdf"),
        ("invoice\u202efdp.exe", "invoice fdp.pdf"),
        ('a"b;c\r\nSet-Cookie: x.pdf', "a b c Set-Cookie x.pdf"),
        (".htaccess", "htaccess.pdf"),
        ("", "document.pdf"),
        ("???", "document.pdf"),
        ("x" * 500 + ".pdf", "x" * 80 + ".pdf"),
    ],
)
def test_a_name_becomes_harmless(name: str, kept: str) -> None:
    assert clean_name(name, "pdf") == kept


def peak(data: bytes) -> tuple[str, int]:
    """Clean a picture in a process of its own; return what came of it, and by how many MB the process grew."""
    ran = subprocess.run([sys.executable, "-c", PEAK], input=data, capture_output=True, cwd=ROOT, check=True)
    code, grown = ran.stdout.split()
    return code.decode(), int(grown)
