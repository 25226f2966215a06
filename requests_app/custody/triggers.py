"""What Postgres itself refuses about destruction and holds, whoever asks and by whatever program (PL/pgSQL).

A hold takes the row lock of each record it covers and a destruction updates that row, so the two take
turns: whichever comes second sees the first.
"""

RECORD_DESTROYED = """
IF OLD.destroyed_at IS NOT NULL THEN
    RAISE EXCEPTION 'record % is destroyed and stays so', OLD.id USING ERRCODE = 'check_violation';
END IF;
IF NEW.destroyed_at IS NULL OR NEW.purge_id IS NULL THEN
    RAISE EXCEPTION 'record % is destroyed by a purge or not at all', OLD.id
        USING ERRCODE = 'check_violation';
END IF;
IF EXISTS (
    SELECT 1 FROM custody_holdrecord covered JOIN custody_hold hold ON hold.id = covered.hold_id
    WHERE covered.record_id = NEW.id AND covered.lifted_at IS NULL AND hold.released_at IS NULL
) THEN
    RAISE EXCEPTION 'record % is on hold', NEW.id USING ERRCODE = 'check_violation';
END IF;
IF EXISTS (
    SELECT 1 FROM custody_retentionconflict WHERE record_id = NEW.id AND decided_at IS NULL
) THEN
    RAISE EXCEPTION 'record % waits for the decision of counsel', NEW.id USING ERRCODE = 'check_violation';
END IF;
IF NOT EXISTS (
    SELECT 1 FROM custody_retentionconflict WHERE record_id = NEW.id AND decision = 'destroy'
) THEN
    IF EXISTS (SELECT 1 FROM custody_case WHERE id = NEW.case_id AND state = 'open') THEN
        RAISE EXCEPTION 'the case of record % is open', NEW.id USING ERRCODE = 'check_violation';
    END IF;
    IF EXISTS (SELECT 1 FROM docket_recordsrequest WHERE id = NEW.request_id AND status <> 'closed') THEN
        RAISE EXCEPTION 'the request of record % is open', NEW.id USING ERRCODE = 'check_violation';
    END IF;
END IF;
IF NOT EXISTS (
    SELECT 1 FROM custody_purgeitem item JOIN custody_purge purge ON purge.id = item.purge_id
    WHERE item.record_id = NEW.id AND purge.id = NEW.purge_id AND purge.status = 'confirmed'
        AND item.state = 'listed' AND purge.confirmed_by_id <> purge.proposed_by_id
) THEN
    RAISE EXCEPTION 'no second person has confirmed the destruction of record %', NEW.id
        USING ERRCODE = 'check_violation';
END IF;
RETURN NEW;
"""

HOLD_COVERS = """
PERFORM 1 FROM custody_responsiverecord WHERE id = NEW.record_id FOR NO KEY UPDATE;
IF EXISTS (
    SELECT 1 FROM custody_responsiverecord WHERE id = NEW.record_id AND destroyed_at IS NOT NULL
) THEN
    RAISE EXCEPTION 'record % is destroyed already', NEW.record_id USING ERRCODE = 'check_violation';
END IF;
RETURN NEW;
"""

COVER_IS_LIFTED_BY_COUNSEL = """
IF OLD.lifted_at IS NOT NULL OR NEW.lifted_at IS NULL OR NOT EXISTS (
    SELECT 1 FROM custody_retentionconflict
    WHERE id = NEW.lifted_by_id AND record_id = NEW.record_id AND decision = 'destroy'
) THEN
    RAISE EXCEPTION 'only a decision of counsel takes one record out of hold %', OLD.hold_id
        USING ERRCODE = 'check_violation';
END IF;
RETURN NEW;
"""

HOLD_RELEASED = """
IF OLD.released_at IS NOT NULL THEN
    RAISE EXCEPTION 'hold % is released and stays so', OLD.id USING ERRCODE = 'check_violation';
END IF;
IF EXISTS (
    SELECT 1 FROM docket_recordsrequest WHERE id = NEW.request_id AND status <> 'closed'
) THEN
    RAISE EXCEPTION 'the request of hold % is open', OLD.id USING ERRCODE = 'check_violation';
END IF;
RETURN NEW;
"""

ITEM_ONLY_WHILE_PROPOSED = """
PERFORM 1 FROM custody_purge WHERE id = NEW.purge_id FOR NO KEY UPDATE;
IF NOT EXISTS (SELECT 1 FROM custody_purge WHERE id = NEW.purge_id AND status = 'proposed') THEN
    RAISE EXCEPTION 'purge % takes no more records', NEW.purge_id USING ERRCODE = 'check_violation';
END IF;
RETURN NEW;
"""

ITEM_MOVES_ON = """
IF NOT (
    (OLD.state = 'listed' AND NEW.state IN ('destroying', 'skipped'))
    OR (OLD.state = 'destroying' AND NEW.state = 'destroyed')
) THEN
    RAISE EXCEPTION 'item % of a purge goes from % to no %', OLD.id, OLD.state, NEW.state
        USING ERRCODE = 'check_violation';
END IF;
IF NEW.state = 'destroying' AND NOT EXISTS (
    SELECT 1 FROM custody_responsiverecord
    WHERE id = NEW.record_id AND purge_id = NEW.purge_id AND destroyed_at IS NOT NULL
) THEN
    RAISE EXCEPTION 'record % is not marked as destroyed', NEW.record_id USING ERRCODE = 'check_violation';
END IF;
RETURN NEW;
"""

PURGE_IS_FIXED = """
IF (to_jsonb(NEW) - ARRAY['status', 'confirmed_by_id', 'confirmed_at', 'ended_by_id', 'ended_at',
        'ended_why', 'finished_at', 'job_id'])
    <> (to_jsonb(OLD) - ARRAY['status', 'confirmed_by_id', 'confirmed_at', 'ended_by_id', 'ended_at',
        'ended_why', 'finished_at', 'job_id'])
    OR OLD.status IN ('done', 'refused')
    OR (OLD.confirmed_by_id IS NOT NULL AND NEW.confirmed_by_id IS DISTINCT FROM OLD.confirmed_by_id) THEN
    RAISE EXCEPTION 'purge % is fixed', OLD.id USING ERRCODE = 'check_violation';
END IF;
RETURN NEW;
"""

CONFLICT_IS_DECIDED_ONCE = """
IF OLD.decided_at IS NOT NULL THEN
    RAISE EXCEPTION 'conflict % is decided', OLD.id USING ERRCODE = 'check_violation';
END IF;
RETURN NEW;
"""

DETERMINATION_ENDS_ONCE = """
IF OLD.ended_at IS NOT NULL
    OR (to_jsonb(NEW) - ARRAY['ended_at', 'ended_why', 'reminded_on'])
        <> (to_jsonb(OLD) - ARRAY['ended_at', 'ended_why', 'reminded_on']) THEN
    RAISE EXCEPTION 'determination % is fixed', OLD.id USING ERRCODE = 'check_violation';
END IF;
RETURN NEW;
"""

OWNER_IS_FREE_OF_THE_FILE = """
IF EXISTS (
    SELECT 1
    FROM docket_recordsrequest held JOIN docket_recusal bar ON bar.person_id = held.assignee_id
    WHERE held.id = NEW.request_id AND bar.ended_at IS NULL AND bar.record_sha256 = NEW.sha256
) THEN
    RAISE EXCEPTION 'the owner of request % is recused from the file', NEW.request_id
        USING ERRCODE = 'check_violation';
END IF;
RETURN NEW;
"""
