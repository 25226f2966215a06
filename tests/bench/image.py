"""Pictures: ours against Pillow reading and writing the same file with the same settings, marks aside."""

import subprocess
from pathlib import Path

from tests.bench.harness import Bench, Failed, python

WIDTH, HEIGHT = 4000, 3000  # 12 megapixels
TIMES = 12  # pictures in one program, so that starting it does not count for much

_SOURCE = """
import sys
import numpy as np
from PIL import Image
width, height = int(sys.argv[2]), int(sys.argv[3])
random = np.random.default_rng(26)
coarse = Image.fromarray(random.integers(0, 256, (height // 40 + 1, width // 40 + 1, 3), dtype=np.uint8))
smooth = np.asarray(coarse.resize((width, height), Image.Resampling.BICUBIC)).astype(np.int16)
grain = random.normal(0, 4, (height, width, 1))
picture = Image.fromarray(np.clip(smooth + grain, 0, 255).astype(np.uint8))
exif = Image.Exif()
exif[0x010E] = "bench"
picture.save(sys.argv[1], quality=92, exif=exif)
"""
_ENGINE = """
import sys
from pathlib import Path
from redaction.engines import image
from redaction.marks import load
marks, target = load(Path(sys.argv[2])), Path(sys.argv[3])
for _ in range(int(sys.argv[4])):
    target.unlink(missing_ok=True)
    image.redact(Path(sys.argv[1]), marks, target)
"""
_PEER = """
import sys
from pathlib import Path
from PIL import Image
for _ in range(int(sys.argv[3])):
    Path(sys.argv[2]).unlink(missing_ok=True)
    with Image.open(sys.argv[1]) as picture:
        picture.convert("RGB").save(sys.argv[2], "JPEG", quality=95, subsampling=0)
"""
_CHECK = """
import sys
from pathlib import Path
from redaction.marks import load
from redaction.report import MarkOutcome, Report
from redaction.verify import image
marks = load(Path(sys.argv[2]))
for _ in range(int(sys.argv[4])):
    report = Report("bench", "image", marks=[MarkOutcome(mark.id, mark.kind) for mark in marks])
    assert image.verify(Path(sys.argv[3]), Path(sys.argv[1]), marks, report) == []
"""
_MARKS = """{"version": 1, "marks": [
  {"id": "plate", "kind": "box", "page": 1, "rect": [100, 200, 900, 500]},
  {"id": "face", "kind": "box", "page": 1, "rect": [1500.5, 1000.25, 1800, 1400]}
]}
"""


def measure(bench: Bench) -> None:
    """This will measure engine and verification on a JPEG of 12 megapixels."""
    side = max(bench.scale, 0.01) ** 0.5
    width, height = round(WIDTH * side), round(HEIGHT * side)
    marks, out = bench.folder / "marks.json", bench.folder / "out.jpg"
    marks.write_text(_MARKS)
    source = _source(bench.folder, width, height)
    work = f"JPEG {width} x {height} to JPEG, {TIMES} times"
    bench.versus(
        "image engine",
        work,
        ours=python(_ENGINE, source, marks, out, TIMES),
        peer=python(_PEER, source, bench.folder / "peer.jpg", TIMES),
        goal=0.9,
        note="peer: Pillow, same settings, no marks",
    )
    bench.versus("image verification", work, ours=python(_CHECK, source, marks, out, TIMES), peer=None)


def _source(folder: Path, width: int, height: int) -> Path:
    path = folder / f"picture-{width}x{height}.jpg"
    if not path.exists():
        draft = folder / "draft.jpg"
        done = subprocess.run(python(_SOURCE, draft, width, height), check=False)
        if done.returncode != 0:
            raise Failed("the picture was not made")
        draft.replace(path)
    return path
