"""What Postgres itself refuses about second persons, whoever asks and by whatever program (PL/pgSQL)."""

from portal.accounts.rules import PERMISSIONS, Permission
from redaction.plans.leaving_triggers import OF_PIN, leaving


def _holding(permission: Permission) -> str:
    roles = sorted(role.value for role, carried in PERMISSIONS.items() if permission in carried)
    return ", ".join(f"'{role}'" for role in roles)


def recused(person: str, review: str) -> str:
    """This will give the SQL that is true for a person recused from the record of a review."""
    return f"""EXISTS (
    SELECT 1
    FROM docket_recusal bar
    JOIN plans_review barred ON barred.id = {review}
    JOIN custody_responsiverecord held ON held.id = barred.record_id
    WHERE bar.person_id = {person} AND bar.ended_at IS NULL AND (
        bar.request_id = held.request_id
        OR bar.record_sha256 <> '' AND EXISTS (
            SELECT 1 FROM custody_responsiverecord twin
            WHERE twin.request_id = held.request_id AND twin.sha256 = bar.record_sha256
        )
    )
)"""  # noqa: S608  column names of our own triggers, never anybody's input


def shaped(person: str, review: str) -> str:
    """This will give the SQL that is true for whoever shaped what is removed from the record of a review."""
    return f"""(
    EXISTS (SELECT 1 FROM plans_plan WHERE review_id = {review} AND author_id = {person})
    OR EXISTS (
        SELECT 1 FROM custody_transcript said JOIN plans_review about ON about.record_id = said.record_id
        WHERE about.id = {review} AND said.uploaded_by_id = {person}
    )
    OR EXISTS (
        SELECT 1 FROM custody_flightdetermination said
        JOIN plans_review about ON about.record_id = said.record_id
        WHERE about.id = {review} AND said.made_by_id = {person}
    )
    OR EXISTS (
        SELECT 1 FROM custody_plateproof said
        JOIN custody_responsiverecord held ON held.request_id = said.request_id
        JOIN plans_review about ON about.record_id = held.id
        JOIN plans_plan kept ON kept.review_id = about.id
        WHERE about.id = {review} AND said.confirmed_by_id = {person}
            AND kept.marks @> '{{"marks": [{{"kind": "own_plate"}}]}}'
    )
)"""  # noqa: S608  column names of our own triggers, never anybody's input


def nobody_recused(column: str, what: str) -> str:
    """This will give the trigger that refuses a row by a recused person."""
    return f"""
IF {recused(f"NEW.{column}", "NEW.review_id")} THEN
    RAISE EXCEPTION 'review %: {what} by a person recused from it', NEW.review_id
        USING ERRCODE = 'check_violation';
END IF;
RETURN NEW;
"""


APPROVER_MAY_APPROVE = f"""
IF NOT EXISTS (
    SELECT 1 FROM accounts_rolegrant held JOIN accounts_user person ON person.id = held.user_id
    WHERE held.user_id = NEW.approver_id AND person.is_active
        AND held.role IN ({_holding(Permission.APPROVE)})
) AND NOT EXISTS (
    SELECT 1
    FROM plans_invitation asked
    JOIN accounts_user person ON person.id = asked.person_id
    JOIN accounts_rolegrant held ON held.user_id = person.id
    WHERE asked.review_id = NEW.review_id AND asked.person_id = NEW.approver_id AND person.is_active
        AND asked.used_at IS NULL AND asked.ended_at IS NULL AND asked.expires_at > now()
        AND NOT {shaped("asked.invited_by_id", "NEW.review_id")}
) THEN
    RAISE EXCEPTION 'the approver of review % neither holds the right nor is invited', NEW.review_id
        USING ERRCODE = 'check_violation';
END IF;
UPDATE plans_invitation SET used_at = now()
    WHERE review_id = NEW.review_id AND person_id = NEW.approver_id
        AND used_at IS NULL AND ended_at IS NULL AND expires_at > now();
"""  # noqa: S608  role names of our own enum

INVITATION_ONLY_ENDED_ONCE = """
IF OLD.used_at IS NOT NULL OR OLD.ended_at IS NOT NULL
    OR (NEW.used_at IS NULL AND NEW.ended_at IS NULL)
    OR (to_jsonb(NEW) - 'used_at' - 'ended_at') <> (to_jsonb(OLD) - 'used_at' - 'ended_at') THEN
    RAISE EXCEPTION 'invitation % is fixed', OLD.id USING ERRCODE = 'check_violation';
END IF;
RETURN NEW;
"""

INVITATION_IS_TO_A_THIRD = f"""
PERFORM 1 FROM plans_review WHERE id = NEW.review_id FOR UPDATE;
IF {shaped("NEW.person_id", "NEW.review_id")} OR {shaped("NEW.invited_by_id", "NEW.review_id")} THEN
    RAISE EXCEPTION 'review %: whoever marked a record neither invites nor is invited', NEW.review_id
        USING ERRCODE = 'check_violation';
END IF;
IF {recused("NEW.person_id", "NEW.review_id")} OR {recused("NEW.invited_by_id", "NEW.review_id")} THEN
    RAISE EXCEPTION 'review %: an invitation of or by a person recused from it', NEW.review_id
        USING ERRCODE = 'check_violation';
END IF;
IF NOT EXISTS (
    SELECT 1 FROM accounts_rolegrant held JOIN accounts_user person ON person.id = held.user_id
    WHERE held.user_id = NEW.invited_by_id AND person.is_active
        AND held.role IN ({_holding(Permission.INVITE_APPROVER)})
) THEN
    RAISE EXCEPTION 'review %: an invitation by a person who may not invite', NEW.review_id
        USING ERRCODE = 'check_violation';
END IF;
IF NEW.used_at IS NOT NULL OR NEW.ended_at IS NOT NULL THEN
    RAISE EXCEPTION 'review %: an invitation begins open', NEW.review_id USING ERRCODE = 'check_violation';
END IF;
RETURN NEW;
"""  # noqa: S608  no input of anybody

PIN_ONLY_RESOLVED_ONCE = f"""
IF {leaving(OF_PIN, texts=("text", "answer"))} THEN
    RETURN NEW;
END IF;
IF OLD.resolved_at IS NOT NULL OR NEW.resolved_at IS NULL
    OR (to_jsonb(NEW) - 'resolved_at' - 'resolved_by_id' - 'answer')
        <> (to_jsonb(OLD) - 'resolved_at' - 'resolved_by_id' - 'answer') THEN
    RAISE EXCEPTION 'pin % is fixed', OLD.id USING ERRCODE = 'check_violation';
END IF;
RETURN NEW;
"""
