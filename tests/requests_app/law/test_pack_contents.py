"""What each shipped law must hold: the rows the project's law notes name, their marks and their words."""

import json
import re
from typing import Any

import pytest

from requests_app.law import pack
from requests_app.law.pack import PACKS, Pack

CLOCKS = {
    "US": "acknowledge determination expedite_decision appeal_window appeal_decision",
    "CA": "determination critical_incident_video peace_officer_records",
    "NY": "acknowledge grant_after_acknowledgement appeal_window appeal_decision",
    "TX": "ag_request ag_brief no_records_notice voluminous_production clarification_lapse estimate_lapse"
    " deposit_lapse previous_determination_notice",
    "IL": "response voluminous_response pac_review_window",
    "WA": "five_day_response internal_review",
    "MA": "response production extension_petition appeal_window appeal_decision",
    "NJ": "response grc_window court_window",
    "CO": "response misconduct_video ccjra_set_date",
    "VA": "response estimate_lapse",
    "OH": "video_estimate",
    "MI": "response",
    "PA": "act22_filing_window act22_response appeal_window",
    "NC": "disclose_decision",
}
FEES = ["US", "CA", "NY", "TX", "IL", "WA", "OH", "MA", "NJ", "CO", "VA", "AZ", "IN", "FL", "MI", "PA", "ANY"]
EXEMPTIONS = {
    "US": "Ex. 1|Ex. 2|Ex. 3|Ex. 4|Ex. 5|Ex. 6|Ex. 7(A)|Ex. 7(B)|Ex. 7(C)|Ex. 7(D)|Ex. 7(E)|Ex. 7(F)|Ex. 8"
    "|Ex. 9|DPPA",
    "CA": "CA-INV|CA-7923.615|CA-VIC|CA-748|CA-832.7|CA-CATCH|CA-MED|CA-MINOR|CA-DRONE-1"
    "|CA-DRONE-2|CA-DRONE-3",
    "NY": "NY-a|NY-b|NY-e|NY-f",
    "TX": "TX-108|TX-101|TX-130|TX-BWC-private|TX-BWC-force",
    "IL": "IL-7-1-a|IL-7-1-b|IL-7-1-c|IL-7-1-d|IL-BWC",
    "WA": "WA-240-1|WA-240-2|WA-240-14|WA-ALPR",
    "FL": "FL-119.071-2-l|FL-316.0777|FL-119.071-2-c|FL-MARSY",
    "OH": "OH-A17|OH-CLEIR|" + "|".join(f"OH-A17-{letter}" for letter in "abcdefghijklmnopq"),
    "NJ": "NJ-BWC|NJ-CIR|NJ-DANIEL",
    "VA": "VA-3706-B|VA-ALPR",
    "MN": "MN-13.824|MN-13.825|MN-626.19",
    "NC": "NC-VIDEO",
    "NH": "NH-LPR",
}
MUST_NEED = {
    "US": {"Ex. 3": "statute"},
    "CA": {"CA-748": "specific_basis estimated_date", "CA-CATCH": "reasons"},
    "NY": {"NY-e": "harm", "NY-a": "statute"},
    "TX": {"TX-101": "statute"},
    "IL": {"IL-7-1-d": "harm", "IL-7-1-a": "statute"},
    "WA": {"WA-240-14": "category"},
    "OH": {"OH-A17": "portion", "OH-CLEIR": "harm"},
}
USUAL = {  # reason: grounds it must rest on, wherever the law has them
    "FACE_BYSTANDER": "Ex. 7(C) NY-b IL-7-1-c",
    "MINOR": "WA-240-14 OH-A17-a",
    "VICTIM": "CA-VIC FL-MARSY OH-A17-j",
    "VICTIM_SEX": "CA-VIC FL-MARSY OH-A17-j",
    "VICTIM_DV": "CA-VIC FL-MARSY OH-A17-j",
    "WITNESS": "WA-240-2",
    "INFORMANT": "Ex. 7(D) OH-A17-k",
    "OFFICER_UNDERCOVER": "Ex. 7(E) Ex. 7(F) MN-13.82-17",
    "PLATE": "TX-130 IL-7-1-b",
    "ADDRESS": "NJ-DANIEL",
    "HOUSE_NUMBER": "NJ-DANIEL",
    "MEDICAL": "WA-240-14 FL-119.071-2-l OH-A17-i",
    "NUDITY": "OH-A17-h WA-240-14",
    "INTIMATE": "OH-A17-h WA-240-14",
    "DEATH": "OH-A17-b NJ-DEATH",
    "GORE": "OH-A17-d",
    "RESIDENCE_INTERIOR": "WA-240-14 FL-119.071-2-l OH-A17-p TX-BWC-private",
    "FACILITY_PRIVATE": "FL-119.071-2-l NJ-BWC",
    "TACTICS": "Ex. 7(E) OH-A17-m",
    "EQUIPMENT": "Ex. 7(E)",
    "KEYPAD": "Ex. 7(E)",
    "PERSONAL_CONV": "OH-A17-n",
    "OPEN_INVESTIGATION": "Ex. 7(A) TX-108 CA-INV",
}
RETENTION: dict[str, list[tuple[str, str | None, str | None]]] = {  # record type, keep at least, destroy by
    "NH": [("lpr", None, "PT3M"), ("body_worn_camera", "P30D", None)],
    "WA": [("lpr", None, "P21D"), ("body_worn_camera", "P60D", None), ("any", "until_resolved", None)],
    "VA": [("lpr", None, "P21D")],
    "ME": [("lpr", None, "P21D")],
    "CA": [("lpr", None, "P60D"), ("lpr", None, None), ("body_worn_camera", "P60D", None)],
    "MN": [("lpr", None, "P60D"), ("body_worn_camera", "P90D", None), ("drone_video", None, "P7D")],
    "NC": [("lpr", None, "P90D")],
    "TN": [("lpr", None, "P90D")],
    "MT": [("lpr", None, "P90D")],
    "NE": [("lpr", None, "P180D")],
    "AR": [("lpr", None, "P150D"), ("lpr", None, "P60D")],
    "UT": [("lpr", None, "P9M")],
    "VT": [("lpr", None, "P18M")],
    "GA": [("lpr", None, "P30M"), ("body_worn_camera", "P180D", None)],
    "FL": [("lpr", None, "P3Y"), ("body_worn_camera", "P90D", None)],
    "CO": [("lpr", None, "P3Y")],
    "NJ": [("lpr", None, "P3Y"), ("body_worn_camera", "P180D", None)],
    "AL": [("lpr", None, "P5Y")],
    "TX": [("body_worn_camera", "P90D", None), ("any", "until_resolved", None)],
    "IL": [("body_worn_camera", "P90D", "P90D"), ("drone_video", None, "P30D"), ("drone_log", None, None)],
    "IN": [("body_worn_camera", "P190D", None), ("body_worn_camera", "P280D", None)],
    "MI": [("body_worn_camera", "P30D", None)],
    "KY": [("body_worn_camera", "P30D", None)],
    "OR": [("body_worn_camera", "P180D", None)],
    "NV": [("body_worn_camera", "P15D", None)],
    "SC": [("body_worn_camera", "P14D", None)],
    "WI": [("body_worn_camera", "P120D", None)],
}
EVERYWHERE = {
    "acknowledgement": 4, "clarification": 4, "extension": 3, "fee_estimate": 5, "deposit_demand": 4,
    "fee_waiver_decision": 3, "no_responsive_records": 3, "denial": 5, "release": 7, "installment": 3,
    "withdrawal_or_lapse": 3, "third_party_notice": 4, "appeal_acknowledgement": 2, "appeal_decision": 2,
}  # fmt: skip
BESIDES = {  # law: letter kind: how many contents of its own
    "US": {"acknowledgement": 2, "extension": 1, "denial": 4},
    "CA": {"extension": 1, "denial": 1, "critical_incident_notice": 3},
    "NY": {"acknowledgement": 1, "denial": 1},
    "TX": {"fee_estimate": 1, "no_responsive_records": 1, "denial": 1, "ag_referral": 1,
           "ruling_notice": 3, "third_party_notice": 1},
    "IL": {"extension": 1, "fee_estimate": 1, "denial": 3},
    "WA": {"acknowledgement": 1, "denial": 1, "third_party_notice": 1},
    "OH": {"fee_estimate": 1},
    "MA": {"denial": 2},
    "NJ": {"extension": 1, "fee_estimate": 1},
    "CO": {"extension": 1, "no_responsive_records": 1, "third_party_notice": 1, "misconduct_video_delay": 1},
    "VA": {"no_responsive_records": 1, "denial": 1},
    "FL": {"denial": 1},
}  # fmt: skip
MISSED = {  # law, clock: effects
    ("US", "determination"): "constructive_exhaustion fee_bar_search",
    ("NY", "acknowledge"): "deemed_denied appealable",
    ("TX", "ag_request"): "presumed_public",
    ("TX", "ag_brief"): "presumed_public",
    ("TX", "ag_notice"): "presumed_public",
    ("TX", "ag_information"): "presumed_public",
    ("TX", "no_records_notice"): "fee_bar appealable",
    ("TX", "estimate_lapse"): "withdrawn",
    ("IL", "response"): "deemed_denied no_copy_fee cannot_claim_unduly_burdensome cannot_treat_as_voluminous",
    ("MA", "response"): "fee_bar appealable",
    ("NJ", "response"): "deemed_denied appealable",
    ("MI", "response"): "fee_reduction deemed_denied",
    ("VA", "estimate_lapse"): "withdrawn",
}
WINDOWS = {"US": "appeal_window", "NY": "appeal_window", "MA": "appeal_window", "IL": "pac_review_window",
           "NJ": "grc_window", "PA": "appeal_window", "MI": "court_window"}  # fmt: skip
PROVENANCE = ("source", "verified_by", "verified_on")
LAWS = pack.shipped_ids()


def raw(law: str) -> dict[str, Any]:
    data: dict[str, Any] = json.loads((PACKS / f"{law}.json").read_text(encoding="utf-8"))
    return data


def marked(value: Any, place: str = "") -> list[tuple[str, dict[str, Any]]]:
    """Every object in a pack that carries a verified mark, with its place."""
    if isinstance(value, list):
        return [found for at, row in enumerate(value) for found in marked(row, f"{place}/{at}")]
    if not isinstance(value, dict):
        return []
    inner = [found for name, part in value.items() for found in marked(part, f"{place}/{name}")]
    return [(place, value), *inner] if "verified" in value else inner


def test_every_law_of_the_notes_is_shipped() -> None:
    wanted = {*CLOCKS, *FEES, *EXEMPTIONS, *RETENTION}

    assert wanted <= set(LAWS)


@pytest.mark.parametrize("law", LAWS)
def test_pack_has_this_release_and_stays_a_draft(law: str) -> None:
    made = pack.shipped(law)

    assert made.version == ("2026.13" if law in ("US", "NY", "CA", "TX") else "2026.12")
    assert made.status == "draft"


@pytest.mark.parametrize("law", CLOCKS)
def test_law_has_its_clocks(law: str) -> None:
    assert set(CLOCKS[law].split()) <= set(pack.shipped(law).clocks)


@pytest.mark.parametrize("law", FEES)
def test_law_has_fee_rows_in_force(law: str) -> None:
    assert pack.shipped(law).fees.rows


@pytest.mark.parametrize(("law", "row"), [("IL", "il-sb1796"), ("CT", "ct-sb225")])
def test_bill_of_unknown_fate_is_there_but_charges_nothing(law: str, row: str) -> None:
    assert row in {each["id"] for each in raw(law)["fees"]["rows"]}
    assert pack.shipped(law).fees.row(row) is None


@pytest.mark.parametrize("law", EXEMPTIONS)
def test_law_has_its_grounds(law: str) -> None:
    assert set(EXEMPTIONS[law].split("|")) <= set(pack.shipped(law).exemptions)


@pytest.mark.parametrize("law", MUST_NEED)
def test_ground_asks_for_what_its_letter_must_say(law: str) -> None:
    rows = pack.shipped(law).exemptions

    assert {code: " ".join(rows[code].needs) for code in MUST_NEED[law]} == MUST_NEED[law]


def test_federal_grounds_are_a_template_that_is_switched_off() -> None:
    rows = [row for code, row in pack.shipped("US").exemptions.items() if code.startswith("Ex. ")]

    assert [row.report_code for row in rows] == [row.code for row in rows]
    assert not any(row.default_on for row in rows)
    assert {row.code for row in rows if not row.foreseeable_harm_required} == {"Ex. 3"}


@pytest.mark.parametrize("law", LAWS)
def test_registered_owner_is_protected_by_federal_law_everywhere(law: str) -> None:
    row = pack.shipped(law).exemptions["DPPA"]

    assert row.mandatory
    assert "DPPA" in pack.shipped(law).reasons["MDT_SCREEN"].exemptions


@pytest.mark.parametrize("law", LAWS)
def test_reason_rests_on_the_grounds_it_usually_rests_on(law: str) -> None:
    made = pack.shipped(law)

    for code, grounds in USUAL.items():
        wanted = set(re.findall(r"Ex\. [0-9](?:\([A-Z]\))?|[A-Z]{2}-\S+", grounds)) & set(made.exemptions)
        assert wanted <= set(made.reasons[code].exemptions), (code, wanted)
    assert not made.reasons["NOT_RESPONSIVE"].exemptions


@pytest.mark.parametrize("law", LAWS)
def test_sealed_expunged_and_court_order_need_their_authority(law: str) -> None:
    rows = pack.shipped(law).reasons

    assert {code for code, row in rows.items() if row.needs_authority} == {
        "SEALED",
        "EXPUNGED",
        "COURT_ORDER",
    }


@pytest.mark.parametrize("law", RETENTION)
def test_law_has_its_retention(law: str) -> None:
    held = [(row.record_type, row.keep_at_least, row.destroy_by) for row in pack.shipped(law).retention]

    assert [row for row in RETENTION[law] if row not in held] == []


@pytest.mark.parametrize("law", LAWS)
def test_letters_hold_the_common_contents_and_the_laws_own(law: str) -> None:
    held = {kind: [item.id for item in items] for kind, items in pack.shipped(law).letters.items()}
    prefix = f"{law.lower()}-"

    for kind, number in EVERYWHERE.items():
        assert len([item for item in held[kind] if not item.startswith(prefix)]) >= number, kind
    for kind, number in BESIDES.get(law, {}).items():
        assert len([item for item in held[kind] if item.startswith(prefix)]) >= number, kind


@pytest.mark.parametrize("law", LAWS)
def test_every_law_says_where_a_refusal_can_be_taken(law: str) -> None:
    rows = pack.shipped(law).appeals

    assert rows
    assert all(row.citation for row in rows if law != "ANY")
    assert any(row.clock == WINDOWS.get(law) for row in rows)


@pytest.mark.parametrize(("law", "clock"), MISSED)
def test_missed_clock_has_the_effects_of_the_law(law: str, clock: str) -> None:
    rows = pack.shipped(law).clocks[clock].on_miss

    assert [row.effect for row in rows] == MISSED[law, clock].split()
    assert all(row.citation and row.why.endswith(".") for row in rows)


@pytest.mark.parametrize("law", LAWS)
def test_checked_row_says_what_it_cites_where_it_was_read_and_when(law: str) -> None:
    rows = marked(raw(law))

    unsourced = [
        place for place, row in rows if row["verified"] in "VP" and not all(map(row.get, PROVENANCE))
    ]
    assert unsourced == []
    uncited = [
        place
        for place, row in rows
        if row["verified"] != "M" and row.get("citation") is None and row.get("scope") != "vendor contract"
    ]
    assert uncited == []


@pytest.mark.parametrize("law", LAWS)
def test_row_without_a_citation_is_a_rule_of_the_agency_or_common_practice(law: str) -> None:
    made = pack.shipped(law)

    assert [row.name for row in made.clocks.values() if not row.citation] == []
    assert [row.code for row in made.exemptions.values() if not row.citation] == []
    assert [row.id for row in made.fees.rows if not row.citation and law != "ANY"] == []
    uncited = {row.scope for row in made.retention if not row.citation}
    assert uncited <= {"agency default", "vendor contract"}


def sentences(law: str) -> list[str]:
    made = pack.shipped(law)
    grounds = [text for row in made.exemptions.values() for text in (row.explanation, row.letter_text)]
    return grounds + [effect.why for clock in made.clocks.values() for effect in clock.on_miss]


def grade(text: str) -> float:
    """The Flesch-Kincaid grade; a place to fill counts as one short word."""
    words = re.findall(r"[A-Za-z']+", re.sub(r"\{[^}]*\}", "it", text))
    ends = len(re.findall(r"[.!?:;](?:\s|$)", text)) or 1
    beats = sum(
        max(1, len(re.findall(r"[aeiouy]+", re.sub(r"(?<!l)e$", "", word.lower())))) for word in words
    )
    return 0.39 * len(words) / ends + 11.8 * beats / len(words) - 15.59


@pytest.mark.parametrize("law", LAWS)
def test_words_for_the_requester_are_about_grade_eight(law: str) -> None:
    grades = [grade(text) for text in sentences(law)]

    assert sum(grades) / len(grades) <= 8.5
    assert max(grades) <= 12


def laws_with_gaps() -> list[Pack]:
    return [pack.shipped(law) for law in LAWS if not pack.shipped(law).clocks]


def test_pack_says_what_it_lacks() -> None:
    assert pack.shipped("TX").gaps() == pack.shipped("US").gaps() == ()
    assert pack.shipped("TN").gaps() == tuple(
        f"The pack of Tennessee has no {what} until the agency's counsel adds them."
        for what in (
            "deadlines, so no due date is computed",
            "fee rules, so nothing can be charged",
            "grounds to withhold of its own, so only federal law can be cited",
        )
    )
    assert all("deadlines" in made.gaps()[0] for made in laws_with_gaps())
