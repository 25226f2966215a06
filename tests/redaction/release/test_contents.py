"""What the law wants a decision to say, and the refusal of one that does not."""

from typing import Any

import pytest

from redaction.release import contents
from requests_app.correspondence.models import Letter
from requests_app.correspondence.required import LetterIncomplete
from requests_app.law.pack import shipped
from tests.builders import NOON, a_request

GROUND = {"code": "TX-108", "citation": "Gov't Code 552.108", "label": "open case", "explanation": "x"}
PART = {"why": "Plate", "count": 2, "grounds": [GROUND]}


def facts(**changed: Any) -> dict[str, Any]:
    record = {"path": "records/1.pdf", "withholdings": [PART], "grounds": [GROUND]}
    whole = {
        "outcome": "partial", "records": [record], "grounds": [GROUND], "link_days": 30,
        "volume": "Two parts.",
        "fee_words": "Nothing was paid for it.", "appeals": [{"route": "court"}],
        "decider": {"name": "Rosa Quill", "title": "Clerk"},
        "law_parts": [{"item": "tx-ag-copy", "html": ""}],
    }  # fmt: skip
    return {**whole, **changed}


def test_whole_decision_is_let_through() -> None:
    contents.require_whole(facts(), shipped("TX"))
    contents.require_whole(facts(outcome="full", law_parts=[]), shipped("TX"))


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"decider": {"name": " ", "title": "Clerk"}}, "Name and title"),
        ({"appeals": []}, "challenge the decision"),
        ({"law_parts": []}, "Gov't Code 552.301"),
        ({"volume": ""}, "How much is withheld"),
        ({"grounds": [{**GROUND, "citation": ""}]}, "For each withheld part"),
        ({"records": [{"path": "", "withholdings": [], "grounds": []}]}, "For each withheld part"),
        (
            {"records": [{"path": "x", "withholdings": [{**PART, "grounds": []}], "grounds": []}]},
            "For each withheld part",
        ),
    ],
)
def test_decision_that_lacks_something_is_refused_by_name(changed: dict[str, Any], words: str) -> None:
    with pytest.raises(LetterIncomplete, match="The decision was not made") as refusal:
        contents.require_whole(facts(**changed), shipped("TX"))

    assert words in str(refusal.value)


def test_what_was_not_asked_for_needs_no_ground() -> None:
    label = next(r.label for r in shipped("TX").reasons.values() if not r.is_exemption)
    record = {"path": "x", "withholdings": [{"why": label, "count": 1, "grounds": []}], "grounds": []}

    contents.require_whole(facts(records=[record], grounds=[]), shipped("TX"))


@pytest.mark.parametrize(
    ("language", "volume", "nothing", "paid"),
    [
        ("en", "1 of 2 records withheld in full; 2 parts of the others withheld.", "Nothing is withheld.",
         "You paid"),
        ("es", "1 de 2 documentos no se entregan; 2 partes de los demás se tachan.", "No se retiene nada.",
         "Usted pagó"),
    ],
)  # fmt: skip
def test_volume_and_money_are_told_in_the_readers_language(
    language: str, volume: str, nothing: str, paid: str
) -> None:
    records = [{"path": "", "withholdings": [PART]}, {"path": "x", "withholdings": [PART]}]

    assert contents._volume(records, language) == volume
    assert contents._volume([], language) == nothing
    assert contents._fee(500, language).startswith(paid)
    assert contents._fee(0, language)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("language", "asked", "unasked"),
    [
        ("en", "asked the attorney general for a ruling on November 2, 2026", "We did not ask"),
        ("es", "Pedimos un dictamen al fiscal general el 2 de noviembre de 2026", "No pedimos"),
    ],
)
def test_a_ruling_that_was_asked_for_is_never_denied(language: str, asked: str, unasked: str) -> None:
    request = a_request()
    Letter.objects.create(
        request=request, kind="ag_referral", subject="Ruling", html="x", sent_at=NOON, dedupe_key="ag"
    )

    after = contents.additions(request, facts(), language, at=NOON)["law_parts"]
    before = contents.additions(a_request(), facts(), language, at=NOON)["law_parts"]

    said = {part["item"]: part["html"] for part in after}["tx-ag-copy"]
    assert asked in said
    assert unasked not in said
    assert unasked in {part["item"]: part["html"] for part in before}["tx-ag-copy"]
