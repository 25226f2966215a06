"""Joined modules do what they did apart; told by running both, and by parsing what a site would serve."""

import subprocess
from pathlib import Path

import playwright
import pytest
from django.conf import settings

from portal.core import assets, joining

NODE = Path(playwright.__file__).parent / "driver" / "node"
SCRIPTS = Path(settings.BASE_DIR) / "portal" / "static" / "workbench"
MODULES = {
    "main.js": 'import { count, name as given } from "./shared.js";\n'
    'import { seen } from "./first.js";\ncount();\nseen("main");\n'
    'await (await import("./stage.js")).mount();\nconsole.log(given, count());\n',
    "shared.js": 'import { seen } from "./first.js";\nlet times = 0;\nconst hidden = "shared";\n'
    "export const name = hidden;\nexport function count() {\n  seen(hidden);\n  return (times += 1);\n}\n",
    "stage.js": 'import { Part } from "./stage-part.js";\nimport { count } from "./shared.js";\n'
    'const hidden = "stage";\nexport async function mount() {\n'
    "  console.log(hidden, new Part().told, count());\n}\n",
    "stage-part.js": 'import { seen } from "./first.js";\nimport { name } from "./shared.js";\n'
    'const hidden = "part";\nexport class Part {\n  told = `${hidden} of ${name}`;\n}\nseen(hidden);\n',
    "first.js": "let number = 0;\nexport const seen = (name) => console.log(name, (number += 1));\n",
}


def run(folder: Path, texts: dict[str, str]) -> str:
    folder.mkdir()
    (folder / "package.json").write_text('{"type": "module"}')
    for name, text in texts.items():
        (folder / name).write_text(text)
    done = subprocess.run([NODE, folder / "main.js"], capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_joined_modules_do_what_they_did_apart(tmp_path: Path) -> None:
    made = joining.joined("main.js", ["stage.js"], MODULES.__getitem__, ["first.js"])

    apart = run(tmp_path / "apart", MODULES)
    together = run(tmp_path / "together", {**made, "first.js": MODULES["first.js"]})

    assert set(made) == {"frame.js", "main.js", "stage.js"}
    assert sorted(together.splitlines()) == sorted(apart.splitlines())
    assert together.splitlines()[-1] == "shared 3"


def test_the_scripts_of_the_work_page_can_be_joined(tmp_path: Path) -> None:
    def read(name: str) -> str:
        return (SCRIPTS / name).read_text()

    made = joining.joined(assets.MAIN, assets.ENTRIES, read, assets.APART)

    for name, text in made.items():
        (tmp_path / f"{name}.mjs").write_text(text)
    checked = [
        subprocess.run([NODE, "--check", path], capture_output=True, text=True, check=False, timeout=60)
        for path in sorted(tmp_path.iterdir())
    ]
    assert [done.stderr for done in checked if done.returncode] == []
    told = {name: set(joining.imported(read(name))) for name in made if name != "frame.js"}
    named = {name: set(joining.imported(text)) for name, text in made.items()}
    assert all(len(told[name]) > 0 for name in ("main.js", "pages.js", "film.js"))
    assert all(wanted <= {"frame.js", "first.js"} for wanted in named.values()), named


def test_what_two_entries_share_keeps_one_state(tmp_path: Path) -> None:
    """A module beside the frame is taken into each entry that needs it, and two of them stand on one page."""

    def read(name: str) -> str:
        return (SCRIPTS / name).read_text()

    frame = joining.reached([assets.MAIN], read, assets.APART)
    stages, panes = assets.ENTRIES[:4], assets.ENTRIES[4:]
    own = {
        entry: set(joining.reached([entry], read, (*assets.APART, *frame))) - {entry}
        for entry in assets.ENTRIES
    }

    for pane in panes:
        for other in (*stages, *panes):
            assert pane == other or not own[pane] & own[other], (pane, other)


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("export let state = 1;\n", "export let state"),
        ('export { a } from "./other.js";\n', "export { a }"),
        ("await Promise.resolve();\n", "await Promise"),
        ('import * as all from "./first.js";\n', "import * as all"),
        ('import "./first.js";\n', 'import "./first.js"'),
        ('import {\n  a,\n} from "./first.js";\n', "import {"),
    ],
)
def test_a_module_it_cannot_join_is_named_with_its_line(source: str, said: str) -> None:
    modules = {"main.js": 'import { a } from "./odd.js";\n', "odd.js": source, "first.js": "", "other.js": ""}

    with pytest.raises(joining.Unjoinable) as refused:
        joining.joined("main.js", [], modules.__getitem__)

    assert "odd.js" in str(refused.value)
    assert said in str(refused.value)


@pytest.mark.parametrize("closing", ["one.js", "two.js"])
def test_a_circle_of_imports_is_told_with_the_modules_in_it(closing: str) -> None:
    modules = {
        "main.js": 'import { a } from "./one.js";\n',
        "one.js": 'import { a } from "./two.js";\n',
        "two.js": f'import {{ a }} from "./{closing}";\n',
    }

    with pytest.raises(joining.Unjoinable) as refused:
        joining.joined("main.js", [], modules.__getitem__)

    circle = {"one.js": "one.js imports two.js imports one.js", "two.js": "two.js imports two.js"}
    assert str(refused.value).endswith(f": {circle[closing]}")
