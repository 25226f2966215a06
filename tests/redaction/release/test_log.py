import csv
import io
from typing import Any

import pytest

from portal.core import files
from redaction.release import letter, log, telling
from redaction.release.models import ReleaseManifest
from requests_app.custody import services as custody
from requests_app.custody.models.records import Medium
from tests.builders import NOON, a_user
from tests.redaction.release.release_builders import (
    a_building_release,
    a_denied_request,
    a_release,
    a_reviewed_request,
)
from tests.redaction.release.test_building import zip_of

pytestmark = pytest.mark.django_db


def lines(manifest: ReleaseManifest) -> list[dict[str, str]]:
    return list(log.rows(manifest.facts))


def test_each_part_withheld_is_one_line_with_every_column() -> None:
    request = a_reviewed_request(withheld=True)
    hold = custody.place_hold(request=request, at=NOON)

    found = lines(a_building_release(request=request))

    assert [row["log_no"] for row in found] == [
        f"{request.number}/1.1",
        f"{request.number}/1.2",
        f"{request.number}/2.1",
    ]
    assert all(set(row) == set(log.HEADER) and all(row.values()) for row in found)
    assert {row["legal_hold_id"] for row in found} == {f"H-{hold.pk}"}
    first, _, whole = found
    assert (first["file_name"], first["full_or_partial"], first["segregable_released"]) == (
        "01-table.csv", "partial", "yes",
    )  # fmt: skip
    assert (whole["file_name"], whole["full_or_partial"], whole["segregable_released"]) == (
        "none: withheld in full", "full", "no",
    )  # fmt: skip
    assert whole["portion"] == "the whole record"
    assert whole["exemption_code"] == "TX-108"
    assert "552.108" in whole["citation"]
    assert whole["reviewed_on"] == "2026-11-02"
    assert first["author_or_source"] == "City of Larkspur Police Department"


def test_a_harm_found_for_this_record_stands_before_what_the_law_guards_against() -> None:
    facts = a_building_release(request=a_denied_request()).facts
    facts["records"][0]["harms"] = {"TX-108": "The suspect has not been found."}

    assert next(log.rows(facts))["explanation_of_harm"] == "The suspect has not been found."


def test_length_and_day_of_a_recording_are_said() -> None:
    request = a_reviewed_request(pdf=True)
    record = request.records.get(position=2)
    item = request.items.get()
    type(item).objects.filter(pk=item.pk).update(starts_at=NOON)
    type(record).objects.filter(pk=record.pk).update(item=item)

    found = [row for row in lines(a_building_release(request=request)) if row["record_id"] == "2"]

    assert found[0]["pages_or_duration"] == "1 page"
    assert found[0]["date_created"] == "2026-11-02"


def test_facts_frozen_before_the_log_was_made_still_give_one() -> None:
    facts = a_building_release(request=a_denied_request()).facts
    old = {**facts, "records": [{**facts["records"][0]}]}
    for name in ("made", "source", "extent", "reviewer", "reviewed_on"):
        del old["records"][0][name]
    del old["holds"]

    row = next(log.rows(old))

    assert row["pages_or_duration"] == row["reviewer"] == log.NOT_KNOWN
    assert row["legal_hold_id"] == "none"


def test_the_table_in_the_package_is_the_log_and_runs_nothing() -> None:
    manifest = a_release(request=a_reviewed_request(withheld=True))

    with zip_of(manifest) as archive:
        text = archive.read("withholding-log.csv").decode()
    kept = manifest.items.get(kind="log")

    read = list(csv.DictReader(io.StringIO(text)))
    assert read == lines(manifest)
    assert files.path_of(kept.address).read_bytes() == text.encode()
    assert kept.medium == "table"


def test_a_ground_that_looks_like_a_formula_stays_text() -> None:
    facts: dict[str, Any] = a_building_release(request=a_denied_request()).facts
    facts["records"][0]["source"] = "=HYPERLINK(1)"

    assert "'=HYPERLINK(1)" in letter.log_csv(facts)


def test_a_mark_that_rests_on_nothing_says_so() -> None:
    facts = a_building_release(request=a_denied_request()).facts
    facts["records"][0]["withholdings"][0] |= {"grounds": [], "count": 3, "why": "a reason"}

    row = next(log.rows(facts))

    assert row["exemption_code"] == row["citation"] == row["explanation_of_harm"] == log.NOT_KNOWN
    assert row["description"] == "withheld (3 times): a reason"


def test_the_owner_of_a_partners_camera_is_not_named() -> None:
    request = a_denied_request()
    request.records.update(source_agency="Corner Shop")

    row = lines(a_building_release(request=request))[0]

    assert row["author_or_source"] == "a partner’s system"


def test_index_is_in_the_language_of_the_letter_and_holds_the_same_lines() -> None:
    facts = a_building_release(request=a_reviewed_request(withheld=True)).facts

    english, spanish = (
        letter.index_html({**facts, "language": "en"}),
        letter.index_html({**facts, "language": "es"}),
    )

    assert '<html lang="es">' in spanish
    assert "Partes retenidas del documento 1" in spanish
    assert "Withholding index" not in spanish
    for row in log.rows(facts):
        for name in ("log_no", "exemption_code", "reviewer", "legal_hold_id"):
            assert row[name] in english
            assert row[name] in spanish


@pytest.mark.parametrize(("language", "named"), [("en", "Table 1"), ("es", "Tabla 1")])
def test_a_title_that_cannot_leave_is_replaced_in_the_language_of_the_letter(
    language: str, named: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    request = a_reviewed_request(requester=a_user(language=language))
    monkeypatch.setattr(telling, "is_fit", lambda *_: False)

    facts = a_building_release(request=request).facts

    assert facts["records"][0]["title"] == named
    assert f": {named}</h2>" in letter.index_html(facts)


def test_every_medium_has_a_spanish_noun() -> None:
    assert set(letter._SPANISH) == set(Medium.values)
