"""What Postgres itself refuses about the law's rows, whoever asks and by whatever program (PL/pgSQL)."""

ADOPTED_BY_ANOTHER = """
IF EXISTS (
    SELECT 1 FROM law_ruleauthor wrote JOIN law_lawpack read ON read.code = wrote.code
    WHERE read.id = NEW.pack_id AND wrote.path = NEW.path AND wrote.digest = NEW.digest
        AND wrote.author_id = NEW.decided_by_id
) THEN
    RAISE EXCEPTION 'rule % is adopted by somebody who had no hand in it', NEW.path
        USING ERRCODE = 'check_violation';
END IF;
RETURN NEW;
"""
