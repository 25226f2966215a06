import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from redaction.patterns import find, find_again, find_literal, find_pattern


def found(text: str, literal: str) -> list[str]:
    return [text[first:last] for first, last in find_literal(text, literal)]


@pytest.mark.parametrize(
    ("text", "literal", "expected"),
    [
        ("John SMITH here", "smith", ["SMITH"]),
        ("John  Smith", "john smith", ["John  Smith"]),
        ("John\r\nSmith", "John Smith", ["John\r\nSmith"]),
        ("Smi-\nth", "Smith", ["Smi-\nth"]),
        ("Smi\x02\r\nth", "Smith", ["Smi\x02\r\nth"]),
        ("Smith\x02\r\nJones", "Smith-Jones", ["Smith\x02\r\nJones"]),
        ("Smith-\nJones", "Smith-Jones", ["Smith-\nJones"]),
        ("S m i t h went", "Smith", ["S m i t h"]),
        ("the oﬃce", "office", ["oﬃce"]),
        ("José", "Jose", ["José"]),
        ("O’Neil", "O'Neil", ["O’Neil"]),
        ("a\u00adb", "ab", ["a\u00adb"]),
        ("Ｓｍｉｔｈ", "smith", ["Ｓｍｉｔｈ"]),
        ("disagree", "is a", []),
        ("nothing", "Smith", []),
        ("aaaa", "aa", ["aaaa"]),
        ("anything", "\u0301", []),
    ],
)
def test_literal_is_found_however_it_is_broken_or_spelled(
    text: str, literal: str, expected: list[str]
) -> None:
    assert found(text, literal) == expected


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("ssn", "SSN 123-45-6789, 123 45 6789", ["123-45-6789", "123 45 6789"]),
        ("ssn", "social security number: 123456789", ["123456789"]),
        ("ssn", "XXX-XX-6789", ["XXX-XX-6789"]),
        ("ssn", "123-45-\r\n6789", ["123-45-\r\n6789"]),
        ("ssn", "case 26-00123 of 2026, 1123-45-67890", []),
        ("phone", "(555) 123-4567 or 555.123.4567", ["(555) 123-4567", "555.123.4567"]),
        ("phone", "+44 20 7946 0958", ["+44 20 7946 0958"]),
        ("phone", "call 555-0100 now", ["555-0100"]),
        ("phone", "order 12345678901234", []),
        ("email", "to a.b+c@mail.example.org.", ["a.b+c@mail.example.org"]),
        ("email", "a @ b", []),
        ("dob", "DOB: 01/02/1990 and 03/04/2020", ["01/02/1990"]),
        ("dob", "Born on May 3, 1988", ["May 3, 1988"]),
        ("dob", "date of birth 1990-01-02", ["1990-01-02"]),
        ("plate", "saw 7ABC123 and ABC-1234", ["7ABC123", "ABC-1234"]),
        ("plate", "plate: XY 12 parked", ["XY 12"]),
        ("plate", "tag no one", []),
        ("card", "4111 1111 1111 1111", ["4111 1111 1111 1111"]),
        ("card", "4111 1111 1111 1112", []),
    ],
)
def test_pattern_finds_its_kind_and_not_its_neighbours(name: str, text: str, expected: list[str]) -> None:
    assert [text[first:last] for first, last in find(text, literal=None, pattern=name)] == expected


def test_second_readers_number_across_its_own_line_break_is_left_out_but_a_name_is_not() -> None:
    text = "cell 555\n123-4567 Jane\nRoe 555-123-4567"

    numbers = find_again(text, literal=None, pattern="phone")
    names = find_again(text, literal="Jane Roe", pattern=None)

    assert "555-123-4567" in [text[first:last] for first, last in numbers]
    assert all("\n" not in text[first:last] for first, last in numbers)
    assert [text[first:last] for first, last in names] == ["Jane\nRoe"]


@given(text=st.text(max_size=60), literal=st.text(min_size=1, max_size=6))
def test_spans_are_in_order_apart_and_inside_the_text(text: str, literal: str) -> None:
    spans = find_literal(text, literal)

    edges = [edge for span in spans for edge in span]
    assert edges == sorted(edges)
    assert all(0 <= first < last <= len(text) for first, last in spans)


@given(
    before=st.text(max_size=20),
    word=st.text("abcdefghij KLM", min_size=1, max_size=8),
    after=st.text(max_size=20),
)
def test_literal_that_is_there_as_written_is_always_found(before: str, word: str, after: str) -> None:
    if word.strip():
        assert find_literal(f"{before} {word.strip()} {after}", word)


@given(text=st.text(max_size=80), name=st.sampled_from(["ssn", "phone", "email", "dob", "plate", "card"]))
def test_patterns_never_fail(text: str, name: str) -> None:
    assert all(first < last for first, last in find_pattern(text, name))


def test_a_long_run_without_an_at_sign_is_read_once() -> None:
    began = time.process_time()

    assert find_pattern("a" * 50_000, "email") == []
    assert time.process_time() - began < 5
