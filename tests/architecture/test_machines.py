"""The page of pictures is what the frozen tables give, and each machine is sound."""

import importlib
import pkgutil
from pathlib import Path
from types import ModuleType

import pytest
from django.conf import settings
from django.core.management import call_command

import redaction
import requests_app
from portal.accounts.rules import Permission
from portal.core.machine import Machine
from portal.machines import MACHINES, document

PAGE = Path(settings.BASE_DIR) / "docs" / "machines.md"
BY_NAME = {machine.name: (machine, str(first)) for machine, first, _ in MACHINES}


def rule_modules() -> list[ModuleType]:
    return [
        importlib.import_module(found.name)
        for package in (requests_app, redaction)
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}.")
        if found.name.endswith(".rules")
    ]


def test_page_is_what_the_tables_give() -> None:
    assert PAGE.read_text(encoding="utf-8") == document(), "run `manage.py draw_machines`"


def test_command_writes_the_page(tmp_path: Path, settings: object) -> None:
    (tmp_path / "docs").mkdir()
    settings.BASE_DIR = tmp_path  # type: ignore[attr-defined]  # pytest-django's settings

    call_command("draw_machines", verbosity=0)

    assert (tmp_path / "docs" / "machines.md").read_text(encoding="utf-8") == document()


def test_no_machine_is_left_out() -> None:
    found = {
        value.name
        for module in rule_modules()
        for value in vars(module).values()
        if isinstance(value, Machine)
    }

    assert found == set(BY_NAME)


@pytest.mark.parametrize("name", sorted(BY_NAME))
def test_every_state_is_reached_from_the_first(name: str) -> None:
    machine, first = BY_NAME[name]
    reached, before = {first}, set[str]()

    while reached != before:
        before = set(reached)
        reached |= {str(step.target) for step in machine.steps if step.sources & reached}

    assert reached == {first} | {
        str(state) for step in machine.steps for state in (*step.sources, step.target)
    }


@pytest.mark.parametrize("name", sorted(BY_NAME))
def test_permissions_and_guards_of_every_step_exist(name: str) -> None:
    machine, _ = BY_NAME[name]

    assert {step.permission for step in machine.steps} <= {None, *Permission}
    assert {guard for step in machine.steps for guard in step.guards} == set(machine.guards)
    assert len({step.action for step in machine.steps}) == len(machine.steps)
