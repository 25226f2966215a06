"""``make fuzz [SECONDS=600] [PARSER=pdf] [SEED=1]``: harmed files through every parser until the time is up.

What breaks a promise, and what made a child crash or stop, is kept under var/fuzz/<parser>/. Ends with 1
when a promise was broken.
"""

import argparse
import logging
import random
import shutil
import sys
import tempfile
import time
from collections import Counter
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

from tests.fuzz import seeds
from tests.fuzz.judgement import Judgement, judge, look
from tests.fuzz.mutation import mutated
from tests.fuzz.seeds import Seed

KEPT = Path(__file__).parents[2] / "var" / "fuzz"
PARSERS = (*seeds.MAKERS, "sniff")
_SHELL_EVERY = 10


def main() -> int:
    options = _options()
    logging.disable(logging.CRITICAL)
    broken = 0
    for parser in options.parser.split(",") if options.parser else PARSERS:
        counts = fuzz(parser, options.seconds, options.seed)
        broken += sum(number for outcome, number in counts.items() if outcome.startswith("BROKEN"))
        told = ", ".join(f"{outcome} {number}" for outcome, number in counts.most_common())
        sys.stdout.write(f"{parser}: {counts.total()} files: {told}\n")
        sys.stdout.flush()
    return 1 if broken else 0


def fuzz(parser: str, seconds: float, number: int) -> Counter[str]:
    """This will try harmed files on one parser and count what came of them."""
    draw, counts = random.Random(f"{parser}-{number}"), Counter[str]()  # noqa: S311 - repeatable, no secret
    with tempfile.TemporaryDirectory(prefix="daylight-fuzz-") as name:
        known = seeds.of(parser, Path(name) / "seeds")
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            folder = Path(name) / "case"
            folder.mkdir()
            seed = _harmed(parser, draw, draw.choice(known), folder)
            shell = counts.total() % _SHELL_EVERY == 0
            found = look(seed.path) if parser == "sniff" else judge(seed, folder, shell=shell)
            counts[f"BROKEN {found.broken}" if found.broken else found.outcome] += 1
            if found.broken or found.outcome.startswith("stopped"):
                _keep(parser, seed, folder, found)
            shutil.rmtree(folder)
    return counts


def _harmed(parser: str, draw: random.Random, seed: Seed, folder: Path) -> Seed:
    """A copy of the seed in ``folder``, of which the part that this parser reads is harmed."""
    copy = folder / f"in{seed.path.suffix}"
    content = seed.path.read_bytes()
    if parser == "marks":
        judged = folder / "marks.json"
        copy.write_bytes(content)
        entries = str([{"id": f"m{number}", **entry} for number, entry in enumerate(seed.marks)])
        text = '{"version": 1, "marks": ' + entries.replace("'", '"').replace("True", "true") + "}"
        judged.write_bytes(mutated(draw, text.encode()))
        return replace(seed, path=copy)
    if parser == "transcript" and seed.transcript is not None:
        copy.write_bytes(content)
        words = folder / f"words{seed.transcript.suffix}"
        words.write_bytes(mutated(draw, seed.transcript.read_bytes()))
        return replace(seed, path=copy, transcript=words)
    copy.write_bytes(mutated(draw, content))
    return replace(seed, path=copy)


def _keep(parser: str, seed: Seed, folder: Path, found: Judgement) -> None:
    digest = sha256(seed.path.read_bytes()).hexdigest()[:12]
    label = "".join(letter if letter.isalnum() else "-" for letter in found.broken or found.outcome)[:60]
    place = KEPT / parser / f"{label}-{digest}"
    place.mkdir(parents=True, exist_ok=True)
    for path in folder.iterdir():
        if path.is_file():
            shutil.copy(path, place)
    (place / "said.txt").write_text(f"{found.outcome}\n{found.broken}\n{found.words}\n{seed.suffix}\n")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Harmed files through every parser.")
    parser.add_argument("--seconds", type=float, default=600.0, help="for each parser")
    parser.add_argument("--parser", default="", help=f"some of {', '.join(PARSERS)}, parted by commas")
    parser.add_argument("--seed", type=int, default=1, help="another number draws other harms")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
