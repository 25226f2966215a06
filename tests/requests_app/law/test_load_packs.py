"""Loading what comes with the portal: new or unchanged by name, and all of it or nothing."""

import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from requests_app.law import pack, services
from requests_app.law.models import Exemption, LawPack
from requests_app.law.pack import PACKS
from requests_app.law.schema import PackError

pytestmark = pytest.mark.django_db


def load() -> str:
    out = StringIO()
    call_command("load_packs", stdout=out)
    return out.getvalue()


def test_packs_are_new_once_and_unchanged_afterwards() -> None:
    first, second = load(), load()

    assert first.count(": new") == len(pack.shipped_ids()) == LawPack.objects.count()
    assert second.count(": unchanged") == len(pack.shipped_ids())
    assert f"TX {pack.shipped('TX').version}: unchanged" in second


def test_loaded_pack_brings_no_ground_before_it_is_used() -> None:
    load()

    assert not Exemption.objects.exists()


def test_one_bad_file_keeps_all_out_and_every_fault_is_named(tmp_path: Path) -> None:
    good = (PACKS / "CA.json").read_text()
    (tmp_path / "CA.json").write_text(good)
    (tmp_path / "XX.json").write_text('{"id": "XX"}')
    (tmp_path / "YY.json").write_text("{")

    with pytest.raises(PackError) as refused:
        services.load_packs(paths=sorted(tmp_path.glob("*.json")))

    said = str(refused.value)
    assert "XX.json: clocks: is missing" in said
    assert "YY.json: the file: cannot be read as JSON" in said
    assert said.endswith("No pack was loaded.")
    assert not LawPack.objects.exists()


def test_loaded_version_with_other_contents_is_refused_by_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    load()
    data = json.loads((PACKS / "CA.json").read_text())
    (tmp_path / "CA.json").write_text(json.dumps({**data, "name": "Another name"}))
    (tmp_path / "ZZ.json").write_text(json.dumps({**data, "id": "ZZ"}))
    monkeypatch.setattr(pack, "PACKS", tmp_path)

    with pytest.raises(CommandError, match=r"CA\.json: CA .* is loaded already with other contents"):
        load()

    assert not LawPack.objects.filter(code="ZZ").exists()
