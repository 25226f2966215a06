"""What Postgres itself refuses about appeals, whoever asks and by whatever program (PL/pgSQL)."""

FINISHED_IS_FIXED = """
RAISE EXCEPTION 'appeal % is % and fixed', OLD.number, OLD.status USING ERRCODE = 'check_violation';
"""

DECIDER_IS_SOMEBODY_ELSE = """
IF EXISTS (
    SELECT 1 FROM docket_recordsrequest
    WHERE id = NEW.request_id AND assignee_id = NEW.decider_id
) OR EXISTS (
    SELECT 1 FROM release_releasemanifest
    WHERE request_id = NEW.request_id AND released_by_id = NEW.decider_id
) OR EXISTS (
    SELECT 1
    FROM plans_review review
    JOIN custody_responsiverecord record ON record.id = review.record_id
    LEFT JOIN plans_approval approval ON approval.review_id = review.id
    LEFT JOIN plans_plan plan ON plan.review_id = review.id
    WHERE record.request_id = NEW.request_id
        AND NEW.decider_id IN (approval.approver_id, plan.author_id)
) OR EXISTS (
    SELECT 1
    FROM audit_entry entry
    JOIN docket_recordsrequest request ON request.key = entry.request_key
    WHERE request.id = NEW.request_id AND entry.outcome = 'ok' AND entry.actor_id = NEW.decider_id
        AND entry.action LIKE 'request.close\\_%'
) THEN
    RAISE EXCEPTION 'the decider of appeal % took part in the first decision', NEW.number
        USING ERRCODE = 'check_violation';
END IF;
RETURN NEW;
"""
