import pytest
from django.test import Client

from portal.core import files
from tests.redaction.workbench.addresses import url
from tests.requests_app.custody.record_builders import a_record, an_analyst

pytestmark = pytest.mark.django_db
POLICY = {"version": 1, "marks": [{"id": "c1", "kind": "column", "name": "plate", "action": "release"}]}


def test_a_table_whose_file_is_gone_says_so(client: Client) -> None:
    record = a_record()
    files.path_of(record.address).unlink()
    client.force_login(an_analyst())

    for name in ("rows", "counts", "finds"):
        answer = client.post(url(f"table-{name}", record), {"marks": POLICY}, content_type="application/json")
        assert answer.status_code == 500, name
        assert "A stored file is missing." in answer.json()["message"]
