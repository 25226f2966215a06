"""Whatever Postgres guards row by row it guards from TRUNCATE too, which no trigger for a row sees."""

from importlib import import_module

import pytest
from django.db import DatabaseError, connection, transaction

from portal.audit import services as audit
from portal.audit.models import Entry
from tests.builders import a_user

pytestmark = pytest.mark.django_db
MIGRATION = import_module("portal.audit.migrations.0002_rows_stay_from_truncate")
GUARDED = """
    SELECT DISTINCT held.relname
    FROM pg_trigger kept JOIN pg_class held ON held.oid = kept.tgrelid
    WHERE NOT kept.tgisinternal AND held.relnamespace = current_schema()::regnamespace
        AND kept.tgtype & 24 <> 0
"""
REFUSING = """
    SELECT held.relname
    FROM pg_trigger kept JOIN pg_class held ON held.oid = kept.tgrelid
        JOIN pg_proc refusal ON refusal.oid = kept.tgfoid
    WHERE NOT kept.tgisinternal AND kept.tgtype & 32 <> 0 AND kept.tgenabled = 'O'
        AND refusal.proname = 'refuse_truncate'
"""
APPEND_ONLY = {
    "audit_entry", "audit_highwater", "clock_clockevent", "clock_clockfact", "correspondence_letter",
    "correspondence_deliveryevent", "custody_casedetermination", "docket_note", "fees_estimate",
    "fees_invoice", "fees_ledgerentry", "fees_receipt", "law_lawpack", "law_ruleadoption",
}  # fmt: skip


def tables(query: str) -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute(query)
        return {name for (name,) in cursor.fetchall()}


def put_the_refusal_back() -> None:
    """As the migration made it; a test's database lets Django empty its tables (tests/conftest.py)."""
    with connection.cursor() as cursor:
        cursor.execute(MIGRATION.REFUSAL)


def test_every_guarded_table_is_guarded_from_truncate() -> None:
    guarded, refusing = tables(GUARDED), tables(REFUSING)

    assert guarded - refusing == set(), "end your migration with SELECT guard_against_truncate()"
    assert guarded & APPEND_ONLY == APPEND_ONLY


def test_each_guarded_table_refuses_to_be_truncated() -> None:
    put_the_refusal_back()
    emptied = set()

    for table in sorted(tables(GUARDED)):
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(f'TRUNCATE "{table}" CASCADE')
            emptied.add(table)
        except DatabaseError as refused:
            assert "what it holds stays" in str(refused)  # noqa: PT017  each table in turn

    assert emptied == set()


def test_truncate_that_reaches_a_guarded_table_by_cascade_is_refused_as_a_whole() -> None:
    user = a_user()
    audit.record(action="test.turned", actor=user, subject=user)
    put_the_refusal_back()
    connection.check_constraints()  # or Postgres refuses for what the transaction has still to check

    with pytest.raises(DatabaseError, match="Cannot truncate"), transaction.atomic():
        connection.cursor().execute("TRUNCATE accounts_user CASCADE")

    assert Entry.objects.filter(action="test.turned").exists()


def test_a_table_that_is_guarded_later_is_found() -> None:
    put_the_refusal_back()
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE later (id int)")
        cursor.execute(
            "CREATE TRIGGER fixed BEFORE DELETE ON later FOR EACH ROW EXECUTE FUNCTION refuse_truncate()"
        )
        cursor.execute("SELECT guard_against_truncate()")
        cursor.execute("SELECT guard_against_truncate()")

    with pytest.raises(DatabaseError, match="Cannot truncate later"), transaction.atomic():
        connection.cursor().execute("TRUNCATE later")
