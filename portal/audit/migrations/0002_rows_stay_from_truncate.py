from typing import ClassVar

from django.db import migrations

# A trigger for each row never sees TRUNCATE: every table whose rows Postgres guards gets one more for it.
# A later migration that guards a new table ends with RunSQL("SELECT guard_against_truncate()").
REFUSAL = """
CREATE OR REPLACE FUNCTION refuse_truncate() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'Cannot truncate %: what it holds stays', TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege';
END $$
"""
GUARDING = """
CREATE OR REPLACE FUNCTION guard_against_truncate() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    guarded regclass;
BEGIN
    FOR guarded IN
        SELECT DISTINCT held.oid
        FROM pg_trigger kept JOIN pg_class held ON held.oid = kept.tgrelid
        WHERE NOT kept.tgisinternal AND held.relnamespace = current_schema()::regnamespace
            AND kept.tgtype & 24 <> 0  -- for a delete (8) or an update (16)
            AND NOT EXISTS (
                SELECT 1 FROM pg_trigger other
                WHERE other.tgrelid = held.oid AND other.tgname = 'rows_stay'
            )
    LOOP
        EXECUTE format(
            'CREATE TRIGGER rows_stay BEFORE TRUNCATE ON %s FOR EACH STATEMENT'
            ' EXECUTE FUNCTION refuse_truncate()', guarded
        );
    END LOOP;
END $$
"""


class Migration(migrations.Migration):
    dependencies: ClassVar = [
        ("audit", "0001_initial"),
        ("appeals", "0001_initial"),
        ("clock", "0002_calendar_changes_and_facts"),
        ("core", "0002_job_said"),
        ("correspondence", "0003_templates_and_delivery"),
        ("custody", "0009_an_owner_is_free_of_a_new_file"),
        ("docket", "0003_an_owner_is_free_of_every_file"),
        ("fees", "0004_payments_are_fixed"),
        ("intake", "0002_filing_key"),
        ("law", "0003_versions_and_adoption"),
        ("plans", "0013_plates_and_listing"),
        ("release", "0003_withholding_log"),
        ("workbench", "0002_previews"),
    ]

    operations: ClassVar = [
        migrations.RunSQL(REFUSAL, "DROP FUNCTION refuse_truncate() CASCADE"),
        migrations.RunSQL(GUARDING, "DROP FUNCTION guard_against_truncate()"),
        migrations.RunSQL("SELECT guard_against_truncate()", migrations.RunSQL.noop),
    ]
