"""Photographs from outside: decoded whole, and encoded anew. Of the bytes that came nothing is kept but what can be seen:
no EXIF, no place, no profile, no comment, nothing behind the end."""

import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from threading import Lock

from PIL import Image, ImageOps

LONGEST_SIDE = 1600
MOST_BYTES = 300 * 1024
"""Of what is kept."""
MOST_PIXELS = 25_000_000
"""Of what is decoded at its full size: four bytes a pixel, and twice that where it has to be converted."""
MOST_PIXELS_WEBP = 12_000_000
"""Its decoder holds four copies of the whole."""
MOST_SCANS = 64
"""A progressive JPEG has about ten; thousands of them in a small file take minutes to decode."""
_BEGINNINGS = {"JPEG": b"\xff\xd8\xff", "PNG": b"\x89PNG\r\n\x1a\n", "WEBP": b"RIFF"}
_SCAN = b"\xff\xda"
_WAYS = [(side, quality) for side in (LONGEST_SIDE, 1200, 800) for quality in (80, 65, 50)]

_one_at_a_time = Lock()
"""However many threads a process has: it decodes one picture after the other, and the memory for it is that of one."""


class PictureRefused(ValueError):
    """What cannot be taken as a photograph, in words for whoever sent it."""


class NoPicture(PictureRefused):
    """None of the formats that are read, whatever its name says."""

    def __init__(self) -> None:
        super().__init__("这不是照片，或者格式不认识。请换成 JPEG、PNG 或 WebP 格式的照片。")


@dataclass(frozen=True, slots=True)
class Picture:
    """A JPEG of ours."""

    content: bytes
    width: int
    height: int


def redrawn(data: bytes, *, most_pixels: int = MOST_PIXELS) -> Picture:
    """The photograph as a small JPEG, turned the right way up. Raise PictureRefused for what is too large, broken or none.

    A JPEG may have up to `most_pixels`, for it is decoded at a fraction of its size; everything else, and a progressive
    JPEG, whose decoder needs all of it at once, no more than MOST_PIXELS, a WebP half of that.
    """
    kind = _kind(data)
    with _one_at_a_time, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of odd metadata, which is not kept
        try:
            with Image.open(BytesIO(data), formats=[kind]) as image:
                _insist_bounded(image, kind, data, most_pixels)
                return _encoded(_small(image))
        except PictureRefused:
            raise
        except (
            Image.DecompressionBombError
        ) as error:  # so large that not even its header is looked at further
            raise PictureRefused(_too_large("")) from error
        except Exception as error:  # its decoders raise whatever comes, and these bytes are a stranger's
            words = "照片打不开：可能没有传完整，或者已经损坏。请重新拍一张，或者换一张。"
            raise PictureRefused(words) from error


def _kind(data: bytes) -> str:
    for kind, beginning in _BEGINNINGS.items():
        if data.startswith(beginning) and (kind != "WEBP" or data[8:12] == b"WEBP"):
            return kind
    raise NoPicture


def _insist_bounded(image: Image.Image, kind: str, data: bytes, most_pixels: int) -> None:
    """By the header alone: nothing is decoded yet. Of several pictures in one JPEG the first is read."""
    is_drafted = kind == "JPEG" and not image.info.get("progressive")
    whole = MOST_PIXELS_WEBP if kind == "WEBP" else MOST_PIXELS
    if image.width * image.height > (most_pixels if is_drafted else min(most_pixels, whole)):
        raise PictureRefused(_too_large(f"：{image.width}×{image.height} 像素"))
    if kind == "JPEG" and data.count(_SCAN) > MOST_SCANS:
        raise PictureRefused("照片的格式不对。请重新拍一张，或者换一张。")


def _too_large(size: str) -> str:
    return f"照片太大{size}。请把手机相机的照片尺寸调小，重新拍一张。"


def _small(image: Image.Image) -> Image.Image:
    image.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))  # of a JPEG: decoded at a half, a quarter or an eighth
    image.load()
    if image.mode not in ("RGB", "RGBA", "L"):
        image = image.convert("RGBA" if image.has_transparency_data else "RGB")
    image.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    upright = _turned(image)
    plain = Image.new("RGB", upright.size, "white")
    plain.paste(upright, mask=upright if upright.mode == "RGBA" else None)
    return plain


def _turned(image: Image.Image) -> Image.Image:
    try:
        return ImageOps.exif_transpose(image)
    except Exception:  # what is written beside the picture may be broken: it is seen lying, not lost
        return image


def _encoded(image: Image.Image) -> Picture:
    for picture in _tries(image):
        if len(picture.content) <= MOST_BYTES:
            return picture
    raise PictureRefused("照片太杂，缩不小。请重新拍一张，或者换一张。")


def _tries(image: Image.Image) -> Iterator[Picture]:
    """Ever smaller: first in quality, then in size."""
    for side, quality in _WAYS:
        image.thumbnail((side, side))
        out = BytesIO()
        image.save(out, "JPEG", quality=quality)
        yield Picture(out.getvalue(), image.width, image.height)
