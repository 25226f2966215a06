"""What Postgres itself refuses about approvals, whoever asks and by whatever program (PL/pgSQL).

Each takes the review's row lock first, so that a change of marks and an approval never pass each other.
"""

from redaction.plans.second_triggers import APPROVER_MAY_APPROVE, recused, shaped

DECISION_NEEDS_APPROVAL = f"""
IF TG_OP = 'UPDATE' AND NEW.status = OLD.status THEN
    RETURN NEW;
END IF;
IF NOT EXISTS (SELECT 1 FROM plans_approval WHERE review_id = NEW.id AND voided_at IS NULL) THEN
    RAISE EXCEPTION 'review % cannot be % without a standing approval', NEW.id, NEW.status
        USING ERRCODE = 'check_violation';
END IF;
IF EXISTS (
    SELECT 1 FROM plans_approval given
    WHERE given.review_id = NEW.id AND given.voided_at IS NULL AND {shaped("given.approver_id", "NEW.id")}
) THEN
    RAISE EXCEPTION 'review %: its approver gave what its marks stand on since', NEW.id
        USING ERRCODE = 'check_violation';
END IF;
IF EXISTS (
    SELECT 1 FROM plans_approval given
    WHERE given.review_id = NEW.id AND given.voided_at IS NULL AND {recused("given.approver_id", "NEW.id")}
) THEN
    RAISE EXCEPTION 'review %: its approver is recused from it since', NEW.id
        USING ERRCODE = 'check_violation';
END IF;
IF NOT EXISTS (
    SELECT 1 FROM plans_approval given JOIN plans_render made ON made.id = given.render_id
    WHERE given.review_id = NEW.id AND given.voided_at IS NULL AND made.transcript_sha256 = COALESCE(
        (SELECT sha256 FROM custody_transcript WHERE record_id = NEW.record_id ORDER BY id DESC LIMIT 1), ''
    )
) THEN
    RAISE EXCEPTION 'review %: its transcript has changed since it was approved', NEW.id
        USING ERRCODE = 'check_violation';
END IF;
RETURN NEW;
"""  # noqa: S608  no input of anybody

CHANGE_VOIDS_APPROVAL = """
PERFORM 1 FROM plans_review WHERE id = NEW.review_id FOR UPDATE;
IF EXISTS (SELECT 1 FROM plans_review WHERE id = NEW.review_id AND status = 'released') THEN
    RAISE EXCEPTION 'review % is released; recall it before its marks change', NEW.review_id
        USING ERRCODE = 'check_violation';
END IF;
UPDATE plans_review SET status = 'marked'
    WHERE id = NEW.review_id AND status IN ('rendered', 'verified', 'approved', 'withheld', 'recalled');
UPDATE plans_approval SET voided_at = now() WHERE review_id = NEW.review_id AND voided_at IS NULL;
RETURN NEW;
"""

APPROVAL_ONLY_VOIDED_ONCE = """
IF OLD.voided_at IS NOT NULL OR NEW.voided_at IS NULL
    OR (to_jsonb(NEW) - 'voided_at') <> (to_jsonb(OLD) - 'voided_at') THEN
    RAISE EXCEPTION 'approval % is fixed', OLD.id USING ERRCODE = 'check_violation';
END IF;
RETURN NEW;
"""

APPROVAL_BINDS = f"""
PERFORM 1 FROM plans_review WHERE id = NEW.review_id FOR UPDATE;
IF {shaped("NEW.approver_id", "NEW.review_id")} THEN
    RAISE EXCEPTION 'the approver of review % has marked it or gave what its marks stand on', NEW.review_id
        USING ERRCODE = 'check_violation';
END IF;
{APPROVER_MAY_APPROVE}
IF NOT EXISTS (
    SELECT 1
    FROM plans_render made
    JOIN plans_plan plan ON plan.id = made.plan_id
    JOIN plans_review review ON review.id = made.review_id
    JOIN custody_responsiverecord record ON record.id = review.record_id
    WHERE made.id = NEW.render_id AND review.id = NEW.review_id AND plan.review_id = NEW.review_id
        AND review.status = 'verified'
        AND made.id = (SELECT max(id) FROM plans_render WHERE plan_id = plan.id)
        AND record.sha256 = NEW.source_sha256 AND made.source_sha256 = NEW.source_sha256
        AND made.engine = NEW.engine
        AND plan.digest = NEW.marks_digest AND made.marks_digest = NEW.marks_digest
        AND made.sha256 = NEW.render_sha256 AND plan.author_id = NEW.prepared_by_id
        AND plan.version = (SELECT max(version) FROM plans_plan WHERE review_id = NEW.review_id)
        AND made.transcript_sha256 = COALESCE(
            (SELECT sha256 FROM custody_transcript WHERE record_id = record.id ORDER BY id DESC LIMIT 1), ''
        )
) THEN
    RAISE EXCEPTION 'the approval of review % is not for its newest marks and their result', NEW.review_id
        USING ERRCODE = 'check_violation';
END IF;
RETURN NEW;
"""  # noqa: S608  no input of anybody

COMPANION_BEFORE_APPROVAL = """
PERFORM 1 FROM plans_review
    WHERE id = (SELECT review_id FROM plans_render WHERE id = NEW.render_id) FOR UPDATE;
IF EXISTS (SELECT 1 FROM plans_approval WHERE render_id = NEW.render_id) THEN
    RAISE EXCEPTION 'render % is approved and takes nothing beside it', NEW.render_id
        USING ERRCODE = 'check_violation';
END IF;
RETURN NEW;
"""
