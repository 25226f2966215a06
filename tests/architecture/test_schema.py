"""The API's description: valid OpenAPI, no warnings, and no field that is nobody's business."""

from io import StringIO
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.core.management import call_command
from openapi_spec_validator import validate

PRIVATE = {"original_name", "address", "password", "secret", "token_hash", "is_demo"}


@pytest.fixture(scope="module")
def schema(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    target = Path(tmp_path_factory.mktemp("schema")) / "schema.yml"
    call_command("spectacular", "--validate", "--fail-on-warn", "--file", str(target), stdout=StringIO())
    loaded: dict[str, Any] = yaml.safe_load(target.read_text())
    return loaded


def test_description_is_valid_openapi(schema: dict[str, Any]) -> None:
    validate(schema)

    assert schema["openapi"].startswith("3.")


def test_every_part_of_the_spine_is_described(schema: dict[str, Any]) -> None:
    paths = " ".join(schema["paths"])

    for part in (
        "/requests/",
        "/messages/",
        "/queue/",
        "/transitions/",
        "/fees/",
        "/records/",
        "/releases/",
        "/token/",
    ):
        assert part in paths


def test_no_answer_has_a_field_that_is_nobodys_business(schema: dict[str, Any]) -> None:
    answers = {
        name: body for name, body in schema["components"]["schemas"].items() if not name.endswith("Request")
    }
    found = {f"{name}.{field}" for name, body in answers.items() for field in body.get("properties", {})}

    assert {field for field in found if field.rpartition(".")[2] in PRIVATE} == set()
