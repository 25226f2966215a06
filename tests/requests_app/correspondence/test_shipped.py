"""The words that come with the portal: every law's items have a place, in both languages."""

import pytest

from requests_app.correspondence import fields, kinds, letters, markup, required, shipped, templating
from requests_app.correspondence.fields import Table, Type
from requests_app.correspondence.kinds import KINDS
from requests_app.law import pack as packs

NAMED = {
    "acknowledgement", "clarification", "extension", "fee_estimate", "deposit_demand", "fee_waiver_decision",
    "no_responsive_records", "denial", "release", "installment", "withdrawal_or_lapse", "ag_referral",
    "third_party_notice", "appeal_acknowledgement", "appeal_decision", "critical_incident_notice",
    "misconduct_video_delay",
}  # fmt: skip


def test_every_kind_the_laws_name_is_there() -> None:
    known = {kind for law in packs.shipped_ids() for kind in packs.shipped(law).letters} - {"determination"}

    assert NAMED | known <= KINDS.keys()


@pytest.mark.parametrize("law", packs.shipped_ids())
def test_every_item_of_every_law_has_a_place_in_both_languages(law: str) -> None:
    pack = packs.shipped(law)
    lacking = []
    for code, kind in KINDS.items():
        items = required.items_of(pack, code)
        for language in ("en", "es"):
            words = shipped.for_law(code, language, items) or shipped.base(code, language)
            lacking += [(code, language, item.id) for item in required.unplaced(kind, items, words.body)]
    lacking += [
        ("determination", language, item.id)
        for item in pack.letters.get("determination", ())
        for language in ("en", "es")
        if not shipped.part_of("determination", language, item.id)
    ]

    assert lacking == []


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("code", list(KINDS))
def test_words_of_ours_are_whole_templates(code: str, language: str) -> None:
    kind = KINDS[code]
    items = [item for law in packs.shipped_ids() for item in packs.shipped(law).letters.get(code, ())]

    for words in (shipped.base(code, language), shipped.for_law(code, language, items)):
        if words is not None:
            assert templating.faults(kind, words.subject, words.body) == []
            _, body = letters.sample(kind, words, language)
            assert "{{" not in body
            assert "[[" not in body
    assert shipped.base(code, language).body != shipped.base(code, "es" if language == "en" else "en").body


def test_parts_are_the_same_in_both_languages() -> None:
    assert shipped._parts("en").keys() == shipped._parts("es").keys()
    assert all(not kinds.ALIASES.get(name.split()[0]) for name in shipped._parts("en"))


def test_a_language_without_words_gets_english() -> None:
    assert shipped.base("notice", "fr") == shipped.base("notice", "en")
    assert shipped.part_of("denial", "fr", "us-ogis") == shipped.part_of("denial", "en", "us-ogis")


def test_every_field_prints_its_sample() -> None:
    for kind in KINDS.values():
        for name, field in kind.fields.items():
            assert fields.show(field, field.sample, "es") or not field.sample, (kind.code, name)


def test_english_of_the_law_is_marked_in_a_spanish_letter() -> None:
    field = KINDS["fee_estimate"].fields["charges"]

    shown = fields.show(field, field.sample, "es")

    assert shown.block.startswith('<div lang="en"><table>')
    assert shown.inline.startswith('<span lang="en">')


def test_tables_lists_and_lines_escape_what_they_hold() -> None:
    bad = "<script>"
    table = fields.Field("t", "T", Type.TABLE)

    shown = [
        fields.show(table, Table(bad, (bad,), ((bad, bad),)), "en"),
        fields.show(fields.Field("l", "L", Type.LIST), [bad], "en"),
        fields.show(fields.Field("x", "X", Type.TEXT), f"{bad}\n\n{bad}", "en"),
        fields.show(fields.Field("x", "X"), bad, "en"),
    ]

    assert not any(bad in each.inline + each.block for each in shown)
    assert isinstance(shown[0], markup.Filled)
