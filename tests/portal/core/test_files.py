import hashlib
import os
import threading
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.conf import settings
from redis.exceptions import RedisError

from portal.core import files
from tests import patience
from tests.patience import SECONDS
from tests.processes import remove_what_a_kill_left


@pytest.fixture(autouse=True)
def _nothing_of_another_test() -> None:
    remove_what_a_kill_left()


def scratch_is_empty() -> bool:
    """What is still in the hands of a page that asked a test before is laid down soon; a leak stays."""
    folder = Path(settings.DATA_DIR) / "scratch"
    return patience.comes(lambda: not folder.exists() or not any(folder.iterdir()))


def test_stream_is_kept_at_the_address_of_its_hash() -> None:
    stored = files.store_stream([b"two ", b"pieces"], area="derived")

    assert stored.sha256 == hashlib.sha256(b"two pieces").hexdigest()
    assert stored.size == 10
    assert files.path_of(stored.address).read_bytes() == b"two pieces"
    assert scratch_is_empty()


def test_same_bytes_twice_are_one_file() -> None:
    first = files.store_stream([b"same"], area="originals")
    second = files.store_stream([b"same"], area="originals")

    assert first == second


def test_stored_file_is_not_writable() -> None:
    stored = files.store_stream([b"write once"], area="originals")

    assert files.path_of(stored.address).stat().st_mode & 0o222 == 0


def test_too_large_a_stream_leaves_nothing() -> None:
    with pytest.raises(files.TooLarge, match="larger than 5 bytes"):
        files.store_stream([b"123", b"456"], area="derived", limit=5)

    assert scratch_is_empty()


def test_stream_that_breaks_off_leaves_nothing() -> None:
    def broken() -> object:
        yield b"half"
        raise ConnectionError

    with pytest.raises(ConnectionError):
        files.store_stream(broken(), area="derived")  # type: ignore[arg-type]  # a generator that breaks

    assert scratch_is_empty()


def test_finished_scratch_file_moves_to_its_address() -> None:
    with files.scratch() as folder:
        (folder / "made").write_bytes(b"made here")
        stored = files.store_file(folder / "made", area="derived")

    assert files.require_intact(stored).read_bytes() == b"made here"


@pytest.mark.parametrize("address", ["../outside", "/etc/passwd", "derived/../../x"])
def test_address_outside_the_data_folder_is_refused(address: str) -> None:
    with pytest.raises(ValueError, match="outside the data folder"):
        files.path_of(address)


def test_changed_file_is_not_used() -> None:
    stored = files.store_stream([b"will rot"], area="derived")
    path = files.path_of(stored.address)
    os.chmod(path, 0o640)
    path.write_bytes(b"has rotted")

    with pytest.raises(files.Corrupt, match="changed on disk"):
        files.require_intact(stored)


def test_missing_file_is_not_used() -> None:
    stored = files.Stored(address="derived/aa/bb/none", sha256="0" * 64, size=1)

    with pytest.raises(files.Corrupt, match="missing"):
        files.require_intact(stored)


def test_fresh_copy_heals_one_that_rotted() -> None:
    stored = files.store_stream([b"heal me"], area="derived")
    path = files.path_of(stored.address)
    os.chmod(path, 0o640)
    path.write_bytes(b"rotten")

    files.store_stream([b"heal me"], area="derived")

    assert files.require_intact(stored).read_bytes() == b"heal me"


def test_disk_without_room_is_named_before_work_starts() -> None:
    with pytest.raises(files.NoSpace, match="not enough room"):
        files.require_space(10**18)


def test_disk_with_room_is_fine() -> None:
    files.require_space(1)


def test_file_looked_at_again_is_hashed_once_for_each_state(monkeypatch: pytest.MonkeyPatch) -> None:
    stored = files.store_stream([b"a page to look at"], area="derived")
    hashed: list[str] = []
    monkeypatch.setattr(files, "require_intact", lambda row: hashed.append(row.address))

    files.require_once_intact(stored)
    files.require_once_intact(stored)

    assert hashed == [stored.address]


def test_one_process_hashes_for_all(monkeypatch: pytest.MonkeyPatch) -> None:
    stored = files.store_stream([b"a page that two processes look at"], area="derived")
    files.require_once_intact(stored)
    monkeypatch.setattr(files, "_hashed_here", {})  # as in another process
    monkeypatch.setattr(files, "_holds", lambda _path, _sha256: False)

    again = files.require_once_intact(stored)

    assert again == files.path_of(stored.address)
    other = files.Stored(address=stored.address, sha256="0" * 64, size=stored.size)
    monkeypatch.setattr(files, "_told_by_others", {})
    with pytest.raises(files.Corrupt):
        files.require_once_intact(other)


def test_what_leaves_rests_on_no_word_of_another_process(monkeypatch: pytest.MonkeyPatch) -> None:
    stored = files.store_stream([b"a copy that leaves"], area="derived")
    files.require_once_intact(stored)
    monkeypatch.setattr(files, "_hashed_here", {})  # as in another process
    files.require_once_intact(stored)
    hashed: list[str] = []
    monkeypatch.setattr(files, "require_intact", lambda row: hashed.append(row.address))

    files.require_once_intact(stored, by_others=False)
    files.require_once_intact(stored, by_others=False)

    assert hashed == [stored.address]


def test_without_the_cache_each_process_hashes_for_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_args: object) -> None:
        raise RedisError("not there")

    stored = files.store_stream([b"a page while the cache is away"], area="derived")
    monkeypatch.setattr(files, "cache", SimpleNamespace(get=away, set=away))

    found = files.require_once_intact(stored)

    assert found == files.path_of(stored.address)
    assert files.require_once_intact(stored, by_others=False) == found


def set_back(path: Path, before: os.stat_result) -> int:
    """When the file was last touched, which the kernel tells no finer than its own tick."""
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    return path.stat().st_ctime_ns


def test_setting_back_the_clock_of_a_file_hides_no_change() -> None:
    stored = files.store_stream([b"hashed when it came in"], area="derived")
    files.note_intact(stored)
    path = files.path_of(stored.address)
    before = path.stat()
    os.chmod(path, 0o640)
    path.write_bytes(b"hashed when it came on")

    assert patience.comes(lambda: set_back(path, before) > before.st_ctime_ns)

    assert (path.stat().st_size, path.stat().st_mtime_ns) == (before.st_size, before.st_mtime_ns)
    with pytest.raises(files.Corrupt, match="changed on disk"):
        files.require_once_intact(stored)


def test_nothing_is_noted_of_a_file_that_is_gone() -> None:
    gone = files.Stored(address="derived/cc/dd/never", sha256="0" * 64, size=1)

    files.note_intact(gone)

    with pytest.raises(files.Corrupt, match="missing"):
        files.require_once_intact(gone)


def test_file_that_changed_after_it_was_looked_at_is_not_shown() -> None:
    stored = files.store_stream([b"another page to look at"], area="derived")
    path = files.require_once_intact(stored)
    os.chmod(path, 0o640)
    path.write_bytes(b"something else altogether")

    with pytest.raises(files.Corrupt, match="changed on disk"):
        files.require_once_intact(stored)


def test_file_that_is_gone_is_not_shown() -> None:
    with pytest.raises(files.Corrupt, match="missing"):
        files.require_once_intact(files.Stored(address="derived/cc/dd/none", sha256="0" * 64, size=1))


def test_two_who_look_at_once_hash_a_file_once(monkeypatch: pytest.MonkeyPatch) -> None:
    stored = files.store_stream([b"a long file"], area="derived")
    hashed: list[str] = []
    begun, go_on = threading.Event(), threading.Event()

    def slowly(row: files.Stored) -> None:
        hashed.append(row.address)
        begun.set()
        assert go_on.wait(SECONDS)

    monkeypatch.setattr(files, "require_intact", slowly)
    ahead = files.hash_ahead(stored)
    assert begun.wait(SECONDS)
    look = threading.Thread(target=files.require_once_intact, args=[stored])
    look.start()
    go_on.set()
    look.join()
    ahead.join()

    assert hashed == [stored.address]


def test_a_changed_file_is_told_by_the_look_not_ahead_of_it() -> None:
    stored = files.store_stream([b"soon to change"], area="derived")
    path = files.path_of(stored.address)
    os.chmod(path, 0o640)
    path.write_bytes(b"something else altogether")

    files.hash_ahead(stored).join()

    with pytest.raises(files.Corrupt, match="changed on disk"):
        files.require_once_intact(stored)
