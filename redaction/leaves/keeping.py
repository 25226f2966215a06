"""Pages that a child made of an office file, taken over by its caller once the child has ended.

The child writes a fresh folder and nothing else; a hostile file may have left anything there.
"""

import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

MADE = "pages.pdf"  # as the child calls it in its folder
FOLDER = "making-"  # how the folders begin


def is_there(place: Path) -> bool:
    """This will tell whether a plain file lies there, no link to one."""
    try:
        return stat.S_ISREG(os.lstat(place).st_mode)
    except OSError:
        return False


@contextmanager
def folder_for(place: Path) -> Iterator[Path]:
    """This will lend a fresh folder beside a place, on its file system, and remove it with all in it."""
    fresh = Path(tempfile.mkdtemp(prefix=FOLDER, dir=place.parent))
    try:
        yield fresh
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def take_over(folder: Path, place: Path) -> bool:
    """This will move what a child made to its place: a plain file of one name alone, and nothing else."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        found = os.stat(MADE, dir_fd=handle, follow_symlinks=False)
        if not stat.S_ISREG(found.st_mode) or found.st_nlink != 1:
            return False
        os.rename(MADE, place, src_dir_fd=handle)
    except FileNotFoundError:
        return False
    finally:
        os.close(handle)
    return True
