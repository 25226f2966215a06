"""What Postgres refuses about approving while something of the record is still open (PL/pgSQL)."""

APPROVAL_LEAVES_NOTHING_OPEN = """
IF EXISTS (
    SELECT 1 FROM plans_detection search JOIN core_job job ON job.id = search.job_id
    WHERE search.review_id = NEW.review_id AND search.taken_at IS NULL AND search.dropped_at IS NULL
        AND job.state NOT IN ('failed', 'quarantined')
) THEN
    RAISE EXCEPTION 'review % is still being looked through', NEW.review_id USING ERRCODE = 'check_violation';
END IF;
IF EXISTS (
    SELECT 1 FROM plans_finding found
    WHERE found.render_id = NEW.render_id AND NOT EXISTS (
        SELECT 1 FROM plans_findingdecision said
        WHERE said.review_id = NEW.review_id AND said.key = found.key
    )
) THEN
    RAISE EXCEPTION 'review % has the same marked and open elsewhere, undecided', NEW.review_id
        USING ERRCODE = 'check_violation';
END IF;
IF EXISTS (
    SELECT 1 FROM plans_comparison
    WHERE render_id = NEW.render_id AND (beyond OR jsonb_array_length(rest) > 0)
) THEN
    RAISE EXCEPTION 'review % has findings that are not listed yet', NEW.review_id
        USING ERRCODE = 'check_violation';
END IF;
RETURN NEW;
"""

FINDING_DECISION_FITS = """
IF NOT EXISTS (
    SELECT 1 FROM plans_finding WHERE id = NEW.finding_id AND review_id = NEW.review_id AND key = NEW.key
) THEN
    RAISE EXCEPTION 'the decision is not about finding %', NEW.finding_id USING ERRCODE = 'check_violation';
END IF;
RETURN NEW;
"""
