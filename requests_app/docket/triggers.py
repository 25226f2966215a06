"""What Postgres itself refuses about recusals, whoever asks and by whatever program (PL/pgSQL)."""

RECUSAL_ONLY_ENDED_ONCE = """
IF OLD.ended_at IS NOT NULL OR NEW.ended_at IS NULL
    OR (to_jsonb(NEW) - 'ended_at' - 'ended_by_id' - 'ended_why')
        <> (to_jsonb(OLD) - 'ended_at' - 'ended_by_id' - 'ended_why') THEN
    RAISE EXCEPTION 'recusal % is fixed', OLD.id USING ERRCODE = 'check_violation';
END IF;
RETURN NEW;
"""

OWNER_IS_NOT_RECUSED = """
IF EXISTS (
    SELECT 1 FROM docket_recusal bar
    WHERE bar.person_id = NEW.assignee_id AND bar.ended_at IS NULL AND (
        bar.request_id = NEW.id
        OR bar.record_sha256 <> '' AND EXISTS (
            SELECT 1 FROM custody_responsiverecord held
            WHERE held.request_id = NEW.id AND held.sha256 = bar.record_sha256
        )
    )
) THEN
    RAISE EXCEPTION 'request % cannot be given to a person recused from it', NEW.id
        USING ERRCODE = 'check_violation';
END IF;
RETURN NEW;
"""
