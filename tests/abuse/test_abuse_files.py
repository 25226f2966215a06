"""Small files that ask for enormous work: refused at the door with a sentence, nothing kept."""

import io
import resource

import pikepdf
import pytest

from requests_app.custody import services as custody
from requests_app.custody.models import ResponsiveRecord
from tests.requests_app.custody.record_builders import a_record

pytestmark = pytest.mark.django_db


def a_page(*sides: float) -> bytes:
    pdf = pikepdf.new()
    pdf.add_blank_page(page_size=(612, 792))
    pdf.pages[0].MediaBox = pikepdf.Array([0, 0, *sides])
    target = io.BytesIO()
    pdf.save(target)
    return target.getvalue()


@pytest.mark.parametrize("sides", [(200_000, 200_000), (1_000_000, 1_000_000), (14_401, 600), (0.5, 14_400)])
def test_page_of_no_printable_size_is_refused_before_it_is_drawn(sides: tuple[float, float]) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    with pytest.raises(custody.Unusable, match="Page 1 has sides"):
        a_record(content=a_page(*sides), name="map.pdf")

    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 500_000  # kilobytes
    assert not ResponsiveRecord.objects.exists()


def test_largest_printable_page_is_taken() -> None:
    assert a_record(content=a_page(14_400, 7_200), name="map.pdf").medium == "pdf"
