"""Pictures from outside: decoded within limits, turned as displayed, in sRGB, with nothing hidden left.

What no eye sees goes here: pixels under full transparency, unused palette entries, second pictures, profiles.
"""

import io
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from PIL import Image, ImageCms, ImageOps

from redaction import limits, sniff
from redaction.report import Refused

MOST_PIXELS = limits.IMAGE_PIXELS
LARGEST_FILE = limits.IMAGE_BYTES
LONGEST_SIDE = limits.IMAGE_SIDE
_DECODERS = {"jpeg": "JPEG", "png": "PNG", "tiff": "TIFF", "webp": "WEBP", "bmp": "BMP", "gif": "GIF"}
_REDUCED = 1  # TIFF 6.0, NewSubfileType: a smaller copy of another page
_ORIENTATION = 0x0112
_HAD_XMP = "had XMP"
_SRGB = ImageCms.createProfile("sRGB")
_PROFILED = {"RGB ": ("RGB",), "CMYK": ("CMYK",), "GRAY": ("L",), "Lab ": ("LAB",)}


def upright(source: Path) -> tuple[Image.Image, list[str]]:
    """This will give the pixels as displayed (RGB or grey, on white) and words for what is left behind.

    :raises Refused: when there is no single still picture that can be read within the limits.
    """
    with _read(source) as kind:
        return _from_heic(source) if kind == "heic" else _from_pillow(source, kind)


def displayed_size(source: Path) -> tuple[int, int]:
    """This will give width and height as displayed, without decoding.

    :raises Refused: as ``upright`` does, as far as the headers tell.
    """
    with _read(source) as kind:
        if kind == "heic":
            with source.open("rb") as stream:
                size: tuple[int, int] = _heif().open_heif(stream).size
            _check_size(size)
            return size
        with _opened(source, kind) as opened:
            _check_size(opened.size)
            turned = opened.getexif().get(_ORIENTATION, 1) in (5, 6, 7, 8)
            return opened.size[::-1] if turned else opened.size


@contextmanager
def _read(source: Path) -> Iterator[str]:
    if source.stat().st_size > LARGEST_FILE:
        raise Refused(f"the picture is larger than {LARGEST_FILE >> 20} MiB")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the limits below stand in for Pillow's warning about bombs
            yield sniff.media_type(source).format
    except Refused:
        raise
    except Exception as error:  # decoders raise whatever a damaged file makes them trip over
        raise Refused(f"the picture is broken and cannot be read ({type(error).__name__})") from error


@contextmanager
def _opened(source: Path, kind: str) -> Iterator[Image.Image]:
    if kind not in _DECODERS:
        raise Refused(f"a picture of type {kind} cannot be read here")
    with Image.open(source, formats=(_DECODERS[kind],)) as opened:
        # a turn that only XMP asks for is not made: nothing that shows pictures makes it
        for name in ("xmp", "XML:com.adobe.xmp"):
            opened.info[_HAD_XMP] = bool(opened.info.pop(name, None)) or opened.info.get(_HAD_XMP)
        yield opened


def _heif() -> ModuleType:
    try:
        return import_module("pi_heif")
    except ImportError as error:
        raise Refused("HEIC pictures are read by the package pi-heif, which is not installed") from error


def _from_pillow(source: Path, kind: str) -> tuple[Image.Image, list[str]]:
    with _opened(source, kind) as opened:
        _check_size(opened.size)
        left = ["removed: metadata"] if len(opened.getexif()) or any(opened.info.values()) else []
        left += _further_pictures(opened, kind)
        profile = opened.info.get("icc_profile")
        opened.load()
        ImageOps.exif_transpose(opened, in_place=True)
        return _flat(opened, profile, left), left


def _from_heic(source: Path) -> tuple[Image.Image, list[str]]:
    with source.open("rb") as stream:
        opened: Any = _heif().open_heif(stream, convert_hdr_to_8bit=True)
        if len(opened) != 1:
            raise Refused(f"the file holds {len(opened)} pictures; hand each in alone")
        _check_size(opened.size)
        # libheif has turned it already, as the container says; its EXIF orientation is not for display
        picture = Image.frombytes(
            opened.mode, opened.size, bytes(opened.data), "raw", opened.mode, opened.stride
        )
        info = opened.info
    left = ["removed: metadata"] if any(info.get(name) for name in ("exif", "xmp", "metadata")) else []
    if info.get("thumbnails") or info.get("aux") or info.get("depth_images"):
        left.append("removed: further pictures inside the file")
    return _flat(picture, info.get("icc_profile"), left), left


def _check_size(size: tuple[int, int]) -> None:
    width, height = size
    if width * height > MOST_PIXELS or max(size) > LONGEST_SIDE:
        raise Refused(
            f"the picture of {width} by {height} pixels has more than {MOST_PIXELS:,} pixels or is too long"
        )


def _further_pictures(opened: Image.Image, kind: str) -> list[str]:
    count = getattr(opened, "n_frames", 1)
    if count == 1:
        return []
    if kind == "jpeg":  # the multi-picture format of cameras and telephones: only the first is displayed
        return ["removed: further pictures inside the file"]
    if kind != "tiff":
        raise Refused("the picture is animated; hand it in as a video")
    for number in range(1, min(count, 100)):
        opened.seek(number)
        if not getattr(opened, "tag_v2", {}).get(254, 0) & _REDUCED:
            raise Refused(f"the file has {count} pages; hand each in alone, or all as a PDF")
    opened.seek(0)
    return ["removed: further pictures inside the file"]


def _flat(picture: Image.Image, profile: bytes | None, left: list[str]) -> Image.Image:
    """New pixels without palette, transparency (which can hide a picture) or anything attached."""
    alpha = None
    if picture.mode in ("LA", "PA", "P", "RGBA", "La", "RGBa") or "transparency" in picture.info:
        layered = picture.convert("RGBA")
        alpha = layered.getchannel("A")
        grey = picture.mode in ("LA", "La")
        picture = layered.convert("L" if grey else "RGB")
        if alpha.getextrema() == (255, 255):
            alpha = None
        else:
            left.append("removed: transparency; what is behind the picture is white")
    elif picture.mode.startswith(("I", "F")):
        picture = _of_8_bits(picture, left)
    elif picture.mode == "1":
        picture = picture.convert("L")
    if profile:
        picture = _in_srgb(picture, profile, left)
    if picture.mode == "LAB":
        picture = _converted(picture, ImageCms.createProfile("LAB")) or picture
    plain = picture if picture.mode in ("L", "RGB") else picture.convert("RGB")
    if alpha is not None:
        white = Image.new(plain.mode, plain.size, 255 if plain.mode == "L" else (255, 255, 255))
        white.paste(plain, mask=alpha)
        plain = white
    fresh = plain.copy()
    fresh.info = {}
    return fresh


def _of_8_bits(picture: Image.Image, left: list[str]) -> Image.Image:
    """16 bits a pixel lose their lower half; other numbers are spread from black to white."""
    values = np.asarray(picture)
    if picture.mode.startswith("I;16") or (picture.mode == "I" and 255 < values.max() <= 65_535):
        grey = (values.astype(np.uint32) + 128) // 257
    elif picture.mode == "I" and values.min() >= 0 and values.max() <= 255:
        grey = values
    else:
        values = np.nan_to_num(values.astype(np.float64))
        span = float(np.ptp(values)) or 1.0
        grey = (values - values.min()) / span * 255
        left.append("the picture's numbers were spread from black to white")
    return Image.fromarray(np.clip(grey, 0, 255).astype(np.uint8), "L")


def _in_srgb(picture: Image.Image, profile: bytes, left: list[str]) -> Image.Image:
    try:
        opened = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        description = ImageCms.getProfileDescription(opened)
        space = opened.profile.xcolor_space
    except (ImageCms.PyCMSError, OSError, ValueError):
        left.append("the colour profile cannot be read and was not applied")
        return picture
    if picture.mode not in _PROFILED.get(space, ()) or "sRGB" in description:
        return picture
    converted = _converted(picture, opened)
    if converted is None:
        left.append("the colour profile cannot be applied")
        return picture
    left.append("colours were converted to sRGB")
    return converted


def _converted(picture: Image.Image, profile: Any) -> Image.Image | None:
    try:
        made = ImageCms.profileToProfile(picture, profile, _SRGB, outputMode="RGB")
    except (ImageCms.PyCMSError, ValueError):
        return None
    return made
