import pytest

from portal.core import exports


@pytest.mark.parametrize(
    "title", ["=HYPERLINK(1)", "+1+1", "-2+3", "@SUM(A1)", "  =1+1", "\t=1+1", "＝1+1", "\r=1"]
)
def test_formula_in_a_title_stays_text_in_the_file(title: str) -> None:
    assert exports.harmless(title) == f"'{title}"


@pytest.mark.parametrize("title", ["Elm Street", "", "2026-11-22", "a=b"])
def test_plain_title_is_left_alone_in_the_file(title: str) -> None:
    assert exports.harmless(title) == title


def test_nothing_is_an_empty_cell_and_lines_come_one_by_one() -> None:
    lines = exports.csv_lines(("A", "B"), iter([(None, 1), ("x,y", "=1")]))

    assert next(lines) == "A,B\r\n"
    assert list(lines) == [",1\r\n", '"x,y",\'=1\r\n']
