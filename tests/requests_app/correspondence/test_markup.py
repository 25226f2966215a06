"""The structure letters are written in: what is printed, what stays text, what is refused, and where."""

import pytest

from requests_app.correspondence import markup
from requests_app.correspondence.markup import Filled

KNOWN = {"number": "Number", "asked": "What was asked", "reason": "Reason"}
VALUES = {
    "number": Filled("26-1"),
    "asked": Filled("a; b", "<ul><li>a</li></ul>", is_block=True),
    "reason": Filled(""),
}


def said(text: str) -> list[str]:
    return [str(fault) for fault in markup.faults(text, KNOWN)]


def html(text: str) -> str:
    return markup.show(text, VALUES).html


def test_headings_lists_and_paragraphs_are_printed() -> None:
    text = "# One\n## Two\nfirst\nsecond\n\n- a\n- **b**\n1. c\n2. d"

    assert html(text) == (
        "<h2>One</h2>\n<h3>Two</h3>\n<p>first second</p>\n<ul><li>a</li><li><strong>b</strong></li></ul>\n"
        "<ol><li>c</li><li>d</li></ol>"
    )


@pytest.mark.parametrize("text", ["{{7*7}}", "{% load x %}", "{{ 7 }}", "{# x #}", "{{}}"])
def test_code_of_other_languages_stays_text(text: str) -> None:
    assert html(text) == f"<p>{text}</p>"
    assert said(text) == []


def test_markup_in_words_and_values_is_shown_as_text() -> None:
    assert html("<b>x</b> & {{ number }}") == "<p>&lt;b&gt;x&lt;/b&gt; &amp; 26-1</p>"


def test_what_a_field_holds_is_never_read_for_fields() -> None:
    values = {"number": Filled("{{ reason }} **x** [[end]]"), "reason": Filled("secret")}

    assert markup.show("{{ number }}", values).html == "<p>{{ reason }} **x** [[end]]</p>"


def test_a_block_stands_alone_and_a_line_takes_its_short_form() -> None:
    assert html("{{ asked }}") == "<ul><li>a</li></ul>"
    assert html("You asked: {{ asked }}.") == "<p>You asked: a; b.</p>"


def test_parts_depend_on_fields() -> None:
    assert html("[[if reason]]\nno\n[[else]]\nyes\n[[end]]") == "<p>yes</p>"
    assert html("[[if not number]]\nno\n[[end]]\n[[if number]]\n{{ number }}\n[[end]]") == "<p>26-1</p>"
    assert html("[[if not reason]]\nyes\n[[else]]\nno\n[[end]]") == "<p>yes</p>"


def test_a_saying_counts_only_when_it_has_no_hole() -> None:
    printed = markup.show("[[says a]]\nwords\n[[end]]\n[[says b]]\nby {{ reason }}\n[[end]]", VALUES)

    assert printed.said == {"a"}
    assert list(printed.holes) == ["reason"]


def test_a_saying_that_prints_nothing_says_nothing() -> None:
    printed = markup.show("[[says a]]\n[[if reason]]\nwords\n[[end]]\n[[end]]", VALUES)

    assert printed.said == set()


def test_sayings_are_printed_one_by_one() -> None:
    assert markup.sayings("[[says a]]\n{{ number }}\n[[end]]\n[[says b]]\n{{ reason }}\n[[end]]", VALUES) == {
        "a": "<p>26-1</p>"
    }


def test_an_unknown_field_is_named_with_its_line_and_the_known_ones() -> None:
    assert said("fine\n\n{{ nummber }}") == [
        "Line 3: there is no field “nummber”. Do you mean “number”? Known here: asked, number, reason."
    ]
    assert "Line 1: there is no field “request.key|safe”." in said("{{ request.key|safe }}")[0]
    assert "Line 1: there is no field “who”." in said("[[if who]]\nx\n[[end]]")[0]


@pytest.mark.parametrize("text", ["{{ number", "number }}", "{{ number }} {{", "{{ a\nb }}"])
def test_an_unclosed_brace_is_named(text: str) -> None:
    assert any("come in pairs" in each for each in said(text))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[[iff number]]", "is not known"),
        ("[[if]]\n[[end]]", "is not known"),
        ("[[end x]]", "is not known"),
        ("[[if number]]\nx", "has no [[end]]"),
        ("[[end]]", "nothing to end"),
        ("[[else]]", "between [[if field]] and [[end]]"),
        ("[[if number]]\n[[else]]\n[[else]]\n[[end]]", "once"),
        ("x [[if number]]", "alone on its line"),
        ("[[says a]]\n" * 4 + "[[end]]\n" * 4, "at most 3 deep"),
        ("a\u202eb", "U+202E RIGHT-TO-LEFT OVERRIDE"),
        ("a\x00b", "U+0000"),
        ("a\ue000b", "U+E000"),
        ("x" * 20_001, "at most 20,000"),
    ],
)
def test_what_does_not_fit_is_refused(text: str, words: str) -> None:
    assert any(words in each for each in said(text))


def test_places_are_found_in_every_branch() -> None:
    text = "[[if number]]\n{{ asked }}\n[[else]]\n[[says x]]\n{{ reason }}\n[[end]]\n[[end]]"

    assert markup.places(text) == ({"asked", "reason"}, {"x"})
