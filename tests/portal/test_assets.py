import re
from pathlib import Path

from django.conf import settings
from django.core.files.base import ContentFile, File
from django.core.files.storage import FileSystemStorage

from portal.core.assets import ENTRIES, MAIN, HashedStorage
from redaction.workbench import modules, stages

MODULES = Path(settings.BASE_DIR) / "portal" / "static" / "workbench"


def test_modules_import_each_other_by_the_names_their_contents_give(tmp_path: Path) -> None:
    storage = HashedStorage(location=tmp_path, base_url="/static/")
    names = [f"workbench/{module.name}" for module in MODULES.glob("*.js")]
    for name in names:
        with (MODULES / Path(name).name).open("rb") as content:
            storage.save(name, File(content))

    for _name, _hashed, processed in storage.post_process({name: (storage, name) for name in names}):
        assert not isinstance(processed, Exception), processed

    for name in names:
        text = (tmp_path / storage.hashed_files[storage.hash_key(name)]).read_text()
        asked = re.findall(
            r"""^\s*(?:import|export)\b[^"';]*from\s+["'](\./[^"']+)["']""", text, re.MULTILINE
        )
        assert all(re.search(r"\.[0-9a-f]{12}\.js$", address) for address in asked), (name, asked)
        assert all((tmp_path / "workbench" / address).exists() for address in asked)
    entry = (tmp_path / storage.hashed_files["workbench/main.js"]).read_text()
    named = re.findall(r"\./([a-z-]+)\.[0-9a-f]{12}\.js", entry)
    assert sorted(named) == ["first", "frame"]  # the rest is joined in them
    frame = (tmp_path / storage.hashed_files["workbench/frame.js"]).read_text()
    assert frame.count("\nconst ") > 10


def test_files_are_collected_again_from_their_sources(tmp_path: Path) -> None:
    storage = HashedStorage(location=tmp_path, base_url="/static/")
    sources = FileSystemStorage(location=MODULES)
    paths = {f"workbench/{module.name}": (sources, module.name) for module in MODULES.glob("*.js")}

    def collected() -> dict[str, str]:
        for name, (source, path) in paths.items():
            if not storage.exists(name):
                with source.open(path) as content:
                    storage.save(name, content)
        assert not [done for done in storage.post_process(paths) if isinstance(done[2], Exception)]
        return dict(storage.hashed_files)

    first = collected()

    assert collected() == first


def test_what_is_joined_is_what_the_work_page_loads() -> None:
    rooms = [*stages.STAGES.values(), *stages.PANES]

    assert [room.script.removeprefix("workbench/") for room in rooms] == list(ENTRIES)
    assert f"workbench/{MAIN}" == modules.ENTRY


def test_a_library_that_speaks_of_imports_in_a_comment_is_collected(tmp_path: Path) -> None:
    storage = HashedStorage(location=tmp_path, base_url="/static/")
    words = b'/** @type {import("../htmx").HtmxInternalApi} */\nlet api;\n'
    storage.save("django_htmx/ext/hx-sse-2.js", ContentFile(words))

    (found,) = storage.post_process({"django_htmx/ext/hx-sse-2.js": (storage, "django_htmx/ext/hx-sse-2.js")})

    assert found[2] is True
    assert (tmp_path / found[1]).read_bytes() == words
