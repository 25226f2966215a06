"""The little drawings that are the letters of a Type 3 font: paths and stencils, nothing with a name."""

from typing import Any

import pikepdf

from redaction.engines.pdf.layers import Unsure

_ALLOWED = frozenset(
    [
        "d0",
        "d1",
        "q",
        "Q",
        "cm",
        "w",
        "J",
        "j",
        "M",
        "d",
        "i",
        "m",
        "l",
        "c",
        "v",
        "y",
        "h",
        "re",
        "S",
        "s",
        "f",
        "F",
        "f*",
        "B",
        "B*",
        "b",
        "b*",
        "n",
        "W",
        "W*",
        "G",
        "g",
        "RG",
        "rg",
        "K",
        "k",
    ]
)


def clean(drawing: Any) -> bytes:
    """This will write a glyph's drawing anew.

    :raises Unsure: when it does more than draw.
    """
    kept = []
    for instruction in pikepdf.parse_content_stream(drawing):
        if isinstance(instruction, pikepdf.ContentStreamInlineImage):
            if not instruction.iimage.image_mask:
                raise Unsure("a font with pictures for letters")
        elif str(instruction.operator) not in _ALLOWED:
            raise Unsure("a font whose letters do more than draw")
        kept.append(instruction)
    return bytes(pikepdf.unparse_content_stream(kept))
