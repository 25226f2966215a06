import threading

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.utils import ProgrammingError

from portal.audit import services as audit
from portal.audit.models import Entry, HighWater
from tests.builders import a_user

pytestmark = pytest.mark.django_db(transaction=True)


def entries(number: int = 5) -> None:
    user = a_user()
    for turn in range(number):
        audit.record(action="test.turned", actor=user, subject=user, detail={"turn": turn})


def tamper(sql: str) -> None:
    """What somebody with the database's own keys could do: the triggers switched off."""
    with connection.cursor() as cursor:
        for table in ("audit_entry", "audit_highwater"):
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        cursor.execute(sql)
        for table in ("audit_entry", "audit_highwater"):
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")


def test_untouched_chain_holds() -> None:
    entries()

    verdict = audit.verify()

    assert (verdict.fault, verdict.entries) == (None, 5)


def test_sixteen_writers_make_one_gapless_chain() -> None:
    user = a_user()
    barrier = threading.Barrier(16)

    def write() -> None:
        barrier.wait()
        for _ in range(10):
            audit.record(action="test.turned", actor=user, subject=user)
        connection.close()

    threads = [threading.Thread(target=write) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    verdict = audit.verify()
    assert (verdict.fault, verdict.entries) == (None, 160)


@pytest.mark.parametrize("verb", ["update", "delete"])
def test_application_cannot_change_or_remove_an_entry(verb: str) -> None:
    entries(1)

    with pytest.raises(ProgrammingError, match="Cannot update or delete"):
        Entry.objects.all().delete() if verb == "delete" else Entry.objects.update(action="other")


@pytest.mark.parametrize(
    ("sql", "named"),
    [
        ("UPDATE audit_entry SET action = 'x' WHERE seq = 3", "entry 3 was changed"),
        ("UPDATE audit_entry SET detail = '{\"turn\": 9}' WHERE seq = 1", "entry 1 was changed"),
        ("UPDATE audit_entry SET at = at + interval '1 hour' WHERE seq = 2", "entry 2 was changed"),
        ("UPDATE audit_entry SET actor_id = NULL WHERE seq = 4", "entry 4 was changed"),
        ("DELETE FROM audit_entry WHERE seq = 1", "entry 1 is missing"),
        ("DELETE FROM audit_entry WHERE seq = 3", "entry 3 is missing"),
        ("DELETE FROM audit_entry WHERE seq = 5", "ends at entry 4 but had reached entry 5"),
        ("DELETE FROM audit_highwater", "nothing says how far the chain had come"),
        # no digit of a hash: one that could stand there already would change nothing
        (
            "UPDATE audit_entry SET prev_hash = 'x' || substr(prev_hash, 2) WHERE seq = 4",
            "entry 4 does not follow",
        ),
    ],
)
def test_each_kind_of_tampering_is_named(sql: str, named: str) -> None:
    entries()

    tamper(sql)

    assert named in str(audit.verify().fault)


def test_command_says_intact_and_then_names_the_edited_row(capsys: pytest.CaptureFixture[str]) -> None:
    entries()
    call_command("audit", "verify")
    assert "holds: 5 entries" in capsys.readouterr().out

    tamper("UPDATE audit_entry SET outcome = 'denied' WHERE seq = 2")

    with pytest.raises(CommandError, match="entry 2 was changed"):
        call_command("audit", "verify")


def test_entry_remembers_where_it_came_from() -> None:
    user = a_user()

    with audit.coming_from("192.0.2.7"):
        entry = audit.record(action="test.turned", actor=user, subject=user)

    assert entry.source == "192.0.2.7"
    assert audit.verify().fault is None


def test_high_water_mark_stays() -> None:
    entries(1)

    with pytest.raises(ProgrammingError, match="Cannot delete"):
        HighWater.objects.all().delete()
