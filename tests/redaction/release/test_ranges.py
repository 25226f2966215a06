import pytest

from redaction.release.ranges import Span, Unsatisfiable, span_of


@pytest.mark.parametrize(
    ("header", "span"),
    [
        ("bytes=0-0", Span(0, 0)),
        ("bytes=0-", Span(0, 99)),
        ("bytes=10-19", Span(10, 19)),
        ("bytes=90-500", Span(90, 99)),
        ("bytes=-1", Span(99, 99)),
        ("bytes=-500", Span(0, 99)),
        ("bytes= 5-6", Span(5, 6)),
    ],
)
def test_one_range_of_bytes_is_read(header: str, span: Span) -> None:
    assert span_of(header, 100) == span


@pytest.mark.parametrize(
    "header",
    ["", "bytes=", "bytes=-", "bytes=5-4", "bytes=0-1,5-6", "items=0-1", "bytes=a-b", "bytes=٣-٤",
     "bytes=" + "9" * 40 + "-"],
)  # fmt: skip
def test_what_is_no_single_byte_range_means_everything(header: str) -> None:
    assert span_of(header, 100) is None


@pytest.mark.parametrize(
    ("header", "size"), [("bytes=100-", 100), ("bytes=100-200", 100), ("bytes=-0", 100), ("bytes=-5", 0)]
)
def test_a_range_outside_the_file_cannot_be_met(header: str, size: int) -> None:
    with pytest.raises(Unsatisfiable):
        span_of(header, size)


def test_a_span_knows_its_length_and_spelling() -> None:
    assert (Span(10, 19).length, str(Span(10, 19))) == (10, "10-19")
