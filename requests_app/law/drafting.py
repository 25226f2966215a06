"""Writing a new version of a law in the portal: start, edit rule by rule, import, publish, discard."""

import copy
import json
import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction

from portal.accounts import policies
from portal.accounts.models import User
from portal.accounts.rules import Permission
from portal.audit import services as audit
from portal.core.errors import BadInput, StaleWrite
from requests_app.law import pack as packs
from requests_app.law import rule, schema, standing
from requests_app.law.models import LawPack, PackDraft, RuleAuthor
from requests_app.law.rule import Rule
from requests_app.law.schema import PackError

_REFUSAL = "Only an administrator may write law."

MOST_BYTES = 2_000_000
"""The largest file that is read; the largest shipped pack has a tenth of it."""
DISCLAIMER = (
    "Written by the agency. Draft for the agency's counsel to compare with the official code before it is "
    "adopted. Not legal advice."
)


class DraftExists(BadInput):
    """A law has one draft at a time."""

    code = "draft_exists"
    status = 409


class ChangedMeanwhile(StaleWrite):
    """Somebody saved the same rule first. Nothing was written; both texts are shown."""

    code = "changed_meanwhile"


@transaction.atomic
def start_version(*, base: LawPack, actor: User, at: datetime) -> PackDraft:
    """This will start the next agency version of a law as a copy of one of its versions.

    :raises DraftExists: when somebody is writing one. :raises NotAllowed: unless the actor administers.
    """
    data = {**base.data, "version": next_version(base.code, base.version, at)}
    return _start(data, base, actor, at, written=())


@transaction.atomic
def start_law(*, facts: Mapping[str, Any], base: LawPack | None, actor: User, at: datetime) -> PackDraft:
    """This will start a law the portal does not know: empty, or with the rules of another one.

    ``facts``: id (capital letters), name, short_name, timezone, effective_from as ISO text.

    :raises BadInput: when a law has that id. :raises PackError: when a fact does not fit.
    """
    code = str(facts["id"])
    if LawPack.objects.filter(code=code).exists():
        raise BadInput(f"There is a law {code} already; start its next version instead.")
    rules = copy.deepcopy(base.data) if base is not None else _empty()
    data = {
        **rules,
        **facts,
        "version": next_version(code, None, at),
        "effective_to": None,
        "status": "draft",
    }
    if base is None:
        data["disclaimer"] = DISCLAIMER
    row = _start(data, base, actor, at, written=() if base else rule.rules(data))
    if base is not None:
        _inherit(code, base)
    return row


@transaction.atomic
def start_import(*, content: bytes, name: str, actor: User, at: datetime) -> PackDraft:
    """This will start a draft from a pack file, checked whole.

    :raises PackError: naming every fault with file, rule and field. :raises BadInput: for too large a file.
    """
    if len(content) > MOST_BYTES:
        raise BadInput(f"{name} is larger than {MOST_BYTES // 1_000_000} MB; no law pack is.")
    data = read(content, name)
    try:
        packs.parse(data, name)
    except RecursionError:
        raise PackError([f"{name}: the file: its conditions lie too deep in one another"]) from None
    code = data["id"]
    known = LawPack.objects.filter(code=code).order_by("-effective_from", "-pk")
    base = known.filter(version=data["version"]).first() or known.first()
    data["version"] = next_version(code, base.version if base else None, at)
    shipped = {(each.path, each.digest) for row in known for each in standing.rules_of(row)}
    own = [each for each in rule.rules(data) if (each.path, each.digest) not in shipped]
    return _start(data, base, actor, at, written=own)


@transaction.atomic
def save_facts(
    *, draft: PackDraft, facts: Mapping[str, Any], seen: int, actor: User, at: datetime
) -> PackDraft:
    """This will change what is no rule: names, zone, dates, disclaimer. Id and version stay.

    :raises ChangedMeanwhile: unless ``seen`` is the draft's present revision. :raises PackError: for a fault.
    """
    row = _locked(draft, actor)
    if row.revision != seen:
        raise ChangedMeanwhile(_meanwhile(row))
    fixed = {name: row.data[name] for name in ("id", "version", "status")}
    kept = {name: value for name, value in row.data.items() if name not in rule.facts_shape()["properties"]}
    return _save(row, {**facts, **fixed, **kept}, actor, at, {"part": "facts"})


@transaction.atomic
def save_rule(
    *,
    draft: PackDraft,
    section_id: str,
    value: Mapping[str, Any],
    actor: User,
    at: datetime,
    path: str | None = None,
    seen: str = "",
) -> str:
    """This will write one rule, or add it when ``path`` is None, and give its path.

    ``seen``: the fingerprint of the rule as the editor showed it.

    :raises ChangedMeanwhile: when it was changed since. :raises PackError: when the pack as a whole would
    not be valid; nothing is written then. :raises RuleExists: for a name that is taken.
    """
    row = _locked(draft, actor)
    section = rule.section_of(row.data, section_id)
    before = _seen(row, path, seen) if path is not None else None
    if before is not None and section.key and value.get(section.key) != before.data[section.key]:
        raise BadInput(f"A rule keeps its name: remove {before.path} and add a new one.")
    data, made = rule.put(row.data, section, value, path)
    _save(row, data, actor, at, {"part": made, "added": path is None})
    _sign(row.code, [rule.find(data, made)], actor, at, before)
    return made


@transaction.atomic
def remove_rule(*, draft: PackDraft, path: str, seen: str, actor: User, at: datetime) -> None:
    """This will take a rule out of the draft. Raises as :func:`save_rule` does."""
    row = _locked(draft, actor)
    _seen(row, path, seen)
    _save(row, rule.remove(row.data, path), actor, at, {"part": path, "removed": True})


@transaction.atomic
def publish(
    *, draft: PackDraft, seen: int, effective_from: date, note: str, actor: User, at: datetime
) -> LawPack:
    """This will make the draft a version that never changes. It is used once that is decided, not before.

    :raises ChangedMeanwhile: unless ``seen`` is the draft's present revision.
    :raises BadInput: without a note. :raises PackError: when the pack is not valid.
    """
    row = _locked(draft, actor)
    if row.revision != seen:
        raise ChangedMeanwhile(_meanwhile(row))
    if not note.strip():
        raise BadInput("Say what is new in this version, and why.")
    version = next_version(row.code, row.base.version if row.base and row.base.code == row.code else None, at)
    data = {**row.data, "version": version, "effective_from": effective_from.isoformat(), "status": "draft"}
    pack = packs.parse(data, f"{row.code} {version}")
    try:
        with transaction.atomic():
            made = LawPack.objects.create(
                code=row.code, version=version, name=pack.name, effective_from=pack.effective_from,
                effective_to=pack.effective_to, data=data, sha256=rule.digest(data), base=row.base,
                published_by=actor, published_at=at, note=note.strip()[:500],
            )  # fmt: skip
    except IntegrityError:
        raise StaleWrite(f"{row.code} {version} was published a moment ago. Look at it first.") from None
    audit.record(
        action="law.version_published", actor=actor, subject=made,
        detail={"version": str(made), "base": str(row.base or ""), "sha256": made.sha256},
    )  # fmt: skip
    row.delete()
    return made


@transaction.atomic
def discard(*, draft: PackDraft, seen: int, actor: User) -> None:
    """This will throw a draft away; the audit trail keeps that it was there.

    :raises ChangedMeanwhile: unless ``seen`` is the draft's present revision.
    """
    row = _locked(draft, actor)
    if row.revision != seen:
        raise ChangedMeanwhile(_meanwhile(row))
    detail = {"law": row.code, "revision": row.revision, "sha256": rule.digest(row.data)}
    audit.record(action="law.draft_discarded", actor=actor, subject=row, detail=detail)
    row.delete()


def read(content: bytes, name: str) -> dict[str, Any]:
    """This will read a pack's JSON with its amounts as exact text. :raises PackError: when it is none."""
    try:
        found = json.loads(
            content.decode("utf-8-sig"), parse_float=str, parse_constant=_no_constant,
            object_pairs_hook=schema.once,
        )  # fmt: skip
    except (ValueError, RecursionError) as problem:
        raise PackError([f"{name}: the file: cannot be read as JSON: {problem}"]) from None
    if not isinstance(found, dict):
        raise PackError([f"{name}: the file: holds no law pack"])
    return found


def next_version(code: str, base: str | None, at: datetime) -> str:
    """This will name the version after all others of the base: ``2026.12``, ``2026.12+1``, ``2026.12+2``."""
    root = base.partition("+")[0] if base else f"{at.year}.{at.month}"
    taken = LawPack.objects.filter(code=code).values_list("version", flat=True)
    own = [int(found[1]) for each in taken if (found := re.fullmatch(re.escape(root) + r"\+([0-9]+)", each))]
    if base is None and root not in taken:
        return root
    return f"{root}+{max(own, default=0) + 1}"


def export(pack: LawPack | PackDraft) -> bytes:
    """This will give a version as the file it could be imported from."""
    return (
        json.dumps(rule.ordered(pack.data, schema.schema()), indent=2, ensure_ascii=False) + "\n"
    ).encode()


def _start(
    data: dict[str, Any], base: LawPack | None, actor: User, at: datetime, written: Iterable[Rule]
) -> PackDraft:
    policies.require(actor, Permission.ADMINISTER, _REFUSAL)
    code = data["id"]
    packs.parse(data, str(code))
    try:
        with transaction.atomic():
            row = PackDraft.objects.create(
                code=code,
                base=base,
                data=data,
                created_by=actor,
                created_at=at,
                updated_by=actor,
                updated_at=at,
            )
    except IntegrityError:
        found = PackDraft.objects.select_related("created_by").get(code=code)
        raise DraftExists(
            f"{found.created_by} is writing a new version of {code} already; go on with that one."
        ) from None
    _sign(code, written, actor, at, None)
    detail = {"law": code, "base": str(base or "")}
    audit.record(action="law.draft_started", actor=actor, subject=row, detail=detail)
    return row


def _locked(draft: PackDraft, actor: User) -> PackDraft:
    policies.require(actor, Permission.ADMINISTER, _REFUSAL)
    found = PackDraft.objects.select_for_update(of=("self",)).select_related("updated_by", "base").filter(
        pk=draft.pk
    ).first()  # fmt: skip
    if found is None:
        raise ChangedMeanwhile("This draft was published or discarded meanwhile.")
    return found


def _seen(row: PackDraft, path: str, seen: str) -> Rule:
    found = next((each for each in rule.rules(row.data) if each.path == path), None)
    if found is None or found.fingerprint != seen:
        raise ChangedMeanwhile(_meanwhile(row))
    return found


def _meanwhile(row: PackDraft) -> str:
    return f"{row.updated_by} saved this meanwhile. Nothing of yours is lost: compare, then save again."


def _save(
    row: PackDraft, data: dict[str, Any], actor: User, at: datetime, detail: Mapping[str, Any]
) -> PackDraft:
    packs.parse(data, row.code)
    row.data, row.updated_by, row.updated_at = data, actor, at
    row.revision += 1
    row.save(update_fields=["data", "updated_by", "updated_at", "revision"])
    audit.record(
        action="law.draft_saved", actor=actor, subject=row,
        detail={"law": row.code, "revision": row.revision, **detail},
    )  # fmt: skip
    return row


def _sign(code: str, written: Iterable[Rule], actor: User, at: datetime, before: Rule | None) -> None:
    """Whoever had a hand in the words before has a hand in what became of them."""
    for found in written:
        hands = {actor.pk}
        if before is not None:
            known = RuleAuthor.objects.filter(code=code, path=before.path, digest=before.digest)
            hands |= set(known.values_list("author_id", flat=True))
        RuleAuthor.objects.bulk_create(
            [
                RuleAuthor(code=code, path=found.path, digest=found.digest, author_id=hand, written_at=at)
                for hand in sorted(hands)
            ],
            ignore_conflicts=True,
        )


def _inherit(code: str, base: LawPack) -> None:
    """Under another law's name the words are still whose they were."""
    rules = {(each.path, each.digest) for each in standing.rules_of(base)}
    known = RuleAuthor.objects.filter(code=base.code)
    RuleAuthor.objects.bulk_create(
        [
            RuleAuthor(code=code, path=row.path, digest=row.digest, author_id=row.author_id,
                       written_at=row.written_at)
            for row in known
            if (row.path, row.digest) in rules
        ],
        ignore_conflicts=True,
    )  # fmt: skip


def _empty() -> dict[str, Any]:
    nothing: dict[str, Any] = {"citation": None, "verified": "M"}
    return {
        "deemed_receipt": {"events": [], **nothing},
        "calendar": {"name": "Business days", "holidays": [], **nothing},
        "clocks": [], "fees": {"rows": []}, "exemptions": [], "redaction_reasons": [], "appeals": [],
        "letters": {}, "retention": [],
    }  # fmt: skip


def _no_constant(text: str) -> Any:
    raise ValueError(f"{text} is not a number")
