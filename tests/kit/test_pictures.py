"""What is drawn anew of a photograph, and what is refused before it costs anything."""

import contextlib
import io
import os
import struct
import subprocess
import sys
import zlib
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageDraw

from tests.factories import jpeg
from visitcare.kit.pictures import (
    LONGEST_SIDE,
    MOST_BYTES,
    MOST_PIXELS,
    NoPicture,
    PictureRefused,
    redrawn,
)

HOUSE = Path(__file__).parent.parent.parent
BROKEN = "照片打不开：可能没有传完整，或者已经损坏。请重新拍一张，或者换一张。"


def saved(image: Image.Image, kind: str, **more: Any) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **more)
    return out.getvalue()


def noise(width: int, height: int, mode: str = "RGB") -> Image.Image:
    return Image.frombytes(mode, (width, height), os.urandom(width * height * len(mode)))


def opened(content: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(content))
    image.load()
    return image


def empty_png(width: int, height: int) -> bytes:
    """A header that promises so many pixels, of one bit each, and rows of nothing: a few bytes a thousand pixels."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    rows = zlib.compress(bytes((width // 8 + 1) * height), 9)
    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


# What is kept


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("mode", ["RGB", "RGBA", "L", "P", "CMYK"])
def test_photograph_becomes_a_plain_jpeg(kind: str, mode: str) -> None:
    fitting = {"JPEG": ("RGB", "L", "CMYK"), "PNG": ("RGB", "RGBA", "L", "P"), "WEBP": ("RGB", "RGBA")}
    if mode not in fitting[kind]:
        mode = "RGB"
    picture = redrawn(saved(Image.new(mode, (40, 30)), kind))
    image = opened(picture.content)
    assert (image.format, image.mode, image.size) == ("JPEG", "RGB", (40, 30))
    assert (picture.width, picture.height) == image.size


def test_large_photograph_is_made_small_in_pixels_and_in_bytes() -> None:
    picture = redrawn(saved(noise(2000, 1500), "JPEG"))
    assert len(picture.content) <= MOST_BYTES
    assert max(picture.width, picture.height) <= LONGEST_SIDE
    assert redrawn(jpeg(4000, 3000)).width == LONGEST_SIDE
    assert redrawn(jpeg(3000, 4000)).height == LONGEST_SIDE


def test_nothing_is_kept_but_what_can_be_seen() -> None:
    """No EXIF with its place and its phone, no comment, no profile, nothing written behind the end."""
    exif = Image.Exif()
    exif[0x010F] = "MAKER"
    exif.get_ifd(0x8825)[2] = (31.0, 48.0, 0.0)
    sent = jpeg(exif=exif, comment=b"COMMENT", icc_profile=b"PROFILE") + b"TRAILER"
    assert all(word in sent for word in (b"MAKER", b"COMMENT", b"PROFILE", b"TRAILER"))
    content = redrawn(sent).content
    assert not any(word in content for word in (b"MAKER", b"COMMENT", b"PROFILE", b"TRAILER", b"Exif"))
    image = opened(content)
    assert (
        dict(image.getexif()),
        set(image.info) - {"jfif", "jfif_version", "jfif_unit", "jfif_density"},
    ) == ({}, set())


def test_photograph_is_turned_the_right_way_up() -> None:
    """Lying on its side, as phones write it; the red corner is where it was seen."""
    image = Image.new("RGB", (64, 32), "white")
    ImageDraw.Draw(image).rectangle((0, 0, 15, 15), "red")
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned clockwise by a quarter
    upright = opened(redrawn(saved(image, "JPEG", exif=exif, quality=95)).content)
    assert upright.size == (32, 64)
    red, green, _ = upright.getpixel((28, 4))  # type: ignore[misc]
    assert (red > 200, green < 60) == (True, True)


def test_broken_exif_is_no_reason_to_refuse() -> None:
    sent = jpeg(exif=b"Exif\0\0II*\0\x08\0\0\0\xff\xff\x12\x01" + b"\xff" * 40)
    assert redrawn(sent).width == 40


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P"])
def test_what_can_be_seen_through_is_white(mode: str) -> None:
    image = Image.new(mode, (8, 8), 0)
    seen = opened(
        redrawn(saved(image, "PNG", transparency=0) if mode == "P" else saved(image, "PNG")).content
    )
    assert seen.getpixel((4, 4)) == (255, 255, 255)


# What is refused


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        b"<!doctype html><script>alert(1)</script>",
        b"GIF89a" + bytes(100),
        b"%PDF-1.7",
        b"RIFF\0\0\0\0WAVEfmt ",
        saved(Image.new("RGB", (8, 8)), "BMP"),
        saved(Image.new("RGB", (8, 8)), "TIFF"),
    ],
)
def test_what_is_no_photograph(sent: bytes) -> None:
    with pytest.raises(NoPicture):
        redrawn(sent)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("left", [0.03, 0.5, 0.95])
def test_photograph_that_is_cut_off(kind: str, left: float) -> None:
    whole = saved(noise(200, 150), kind)
    assert redrawn(whole).width == 200
    with pytest.raises(PictureRefused) as caught:
        redrawn(whole[: int(len(whole) * left)])
    assert str(caught.value) == BROKEN


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_photograph_with_wrong_bytes_is_read_or_refused(kind: str) -> None:
    """Never anything else, wherever they are."""
    whole = saved(noise(60, 40), kind)
    for place in range(4, len(whole), max(1, len(whole) // 150)):
        wrong = bytearray(whole)
        wrong[place : place + 3] = b"\xff\x00\xfe"
        with contextlib.suppress(PictureRefused):
            redrawn(bytes(wrong))


def test_too_many_pixels_are_refused_by_the_header() -> None:
    with pytest.raises(PictureRefused, match=r"^照片太大：13300×13300 像素。"):
        redrawn(empty_png(13_300, 13_300))
    with pytest.raises(PictureRefused, match=r"^照片太大。"):
        redrawn(empty_png(20_000, 20_000))
    assert redrawn(empty_png(5_000, 4_000)).width == LONGEST_SIDE


def test_camera_may_send_more_as_a_jpeg_that_is_decoded_at_a_fraction() -> None:
    of_a_camera, progressive = jpeg(7000, 5000), jpeg(7000, 5000, progressive=True)
    assert redrawn(of_a_camera, most_pixels=50_000_000).width == LONGEST_SIDE
    for sent, most in (
        (of_a_camera, MOST_PIXELS),
        (progressive, 50_000_000),
        (empty_png(7000, 5000), 50_000_000),
    ):
        with pytest.raises(PictureRefused, match=r"^照片太大：7000×5000 像素。"):
            redrawn(sent, most_pixels=most)


def test_thousands_of_scans_are_refused() -> None:
    """A few bytes each, and each goes over the whole picture again."""
    with pytest.raises(PictureRefused, match="格式不对"):
        redrawn(jpeg() + b"\xff\xda" * 65)


def test_several_pictures_in_one_file_are_bounded_as_one_is() -> None:
    """As some phones write them, with a small one behind the large."""
    out = io.BytesIO()
    first = Image.new("RGB", (60, 40), "red")
    first.save(out, "MPO", save_all=True, append_images=[Image.new("RGB", (30, 20), "blue")])
    assert redrawn(out.getvalue()).width == 60
    with pytest.raises(PictureRefused, match="格式不对"):
        redrawn(out.getvalue() + b"\xff\xda" * 65)


MEASURED = """
import re, sys
sys.path.insert(0, {house!r})
from visitcare.kit.pictures import PictureRefused, redrawn
sent = open({file!r}, "rb").read()
try:
    print(redrawn(sent, most_pixels=50_000_000).width)
except PictureRefused as refusal:
    print(str(refusal)[:4])
print(int(re.search(r"VmHWM:\\s+(\\d+) kB", open("/proc/self/status").read())[1]) // 1024)
"""


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        (lambda: empty_png(13_300, 13_300), "照片太大"),
        (lambda: b"\xff\xd8\xff" + bytes(50 * 1024**2), "照片打不"),
        (lambda: saved(Image.new("RGBA", (5000, 5000), "red"), "PNG"), "1600"),
        (lambda: saved(Image.new("RGB", (4000, 3000), "red"), "WEBP"), "1600"),
        (lambda: jpeg(5000, 5000, progressive=True, subsampling=0), "1600"),
        (lambda: jpeg(8160, 6120), "1600"),
    ],
    ids=["bomb", "50 MB", "PNG", "WebP", "progressive", "camera"],
)
def test_no_picture_takes_more_than_256_megabytes(tmp_path: Path, sent: Any, said: str) -> None:
    """In a process of its own, with Python and what was sent."""
    file = tmp_path / "sent"
    file.write_bytes(sent())
    program = MEASURED.format(house=str(HOUSE), file=str(file))
    answer = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    first, megabytes = answer.stdout.split()
    assert first.startswith(said)
    assert int(megabytes) < 256
