from pathlib import Path

from redaction import detect, pipeline
from redaction.marks import parse

FLOCK = (
    "ID,Name,Org Name,Total Networks Searched,Time Frame,License Plate,Reason,Case #,Search Time,"
    "Search Type,Odd one\n"
)
ROW = (
    'a1,K. Clerk,Elm PD,3,"02/01/2026, 05:12:44 PM UTC",ABC123,ask Jane Roe,7,'
    '"02/01/2026, 05:12:44 PM UTC",lookup,x\n'
)


def test_every_column_gets_a_suggestion_and_what_is_unknown_stays_inside(tmp_path: Path) -> None:
    source = tmp_path / "audit.csv"
    source.write_text(FLOCK + ROW)

    content = detect.suggest(source, "columns", contained=False)

    actions = {mark["name"]: mark["action"] for mark in content["marks"]}
    assert actions["License Plate"] == "mask"
    assert actions["Search Time"] == "coarsen"
    assert actions["Reason"] == actions["Odd one"] == actions["ID"] == "drop"
    assert len(parse(content).undecided) == 11


def test_accepted_suggestions_make_a_release_without_the_plate(tmp_path: Path) -> None:
    source = tmp_path / "audit.csv"
    source.write_text(FLOCK + ROW)
    content = detect.suggest(source, "columns", contained=False)
    decided = [{**mark, "decision": "accepted"} for mark in content["marks"]]

    marks = parse({**content, "marks": decided})
    pipeline.redact(source, marks, tmp_path / "out.csv", contained=False)

    released = (tmp_path / "out.csv").read_text()
    assert "Elm PD" in released
    assert not [word for word in ("ABC123", "Jane", "05:12") if word in released]
