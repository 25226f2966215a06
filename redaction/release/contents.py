"""What the law wants a decision to say: volume, money, the law's own sentences, and what is lacking."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from portal.core.money import dollars
from redaction.release.rules import Outcome
from requests_app.clock.models import ClockEvent
from requests_app.correspondence import fields, required
from requests_app.correspondence.models import Letter
from requests_app.correspondence.required import LetterIncomplete
from requests_app.correspondence.services import law_sentences
from requests_app.docket.models import RecordsRequest
from requests_app.fees import selectors as fees
from requests_app.law.pack import Pack

WHERE = "Complete it before you decide: the letter cannot be sent without it."


def additions(
    request: RecordsRequest, facts: Mapping[str, Any], language: str, *, at: datetime
) -> dict[str, Any]:
    """This will give what the letter says beside the records: how much is withheld, money, the law."""
    volume = _volume(facts["records"], language)
    paid = fees.summary(request).paid_cents
    return {
        "language": language,
        "volume": volume,
        "fee_words": _fee(paid, language),
        "law_parts": law_sentences(
            request=request,
            codes=_kinds(facts["outcome"]),
            language=language,
            values={
                "volume": volume,
                "decider": f"{facts['decider']['name']}, {facts['decider']['title']}",
                "ruling": _ruling(request, language),
            },
            at=at,
        ),
    }


def require_whole(facts: Mapping[str, Any], pack: Pack) -> None:
    """This will refuse a decision whose letter would not say all that its law wants said.

    :raises LetterIncomplete: naming each thing and its citation.
    """
    items = required.items_of(pack, *_kinds(facts["outcome"]))
    if lacking := required.unmet(items, _said(facts, pack), WHERE):
        raise LetterIncomplete(lacking, "The decision was not made.")


def _kinds(outcome: str) -> tuple[str, ...]:
    return {
        Outcome.FULL.value: ("release", "determination"),
        Outcome.PARTIAL.value: ("release", "denial", "determination"),
    }.get(outcome, ("denial", "determination"))


def _said(facts: Mapping[str, Any], pack: Pack) -> set[str]:
    """The ids of what the letter says: what it prints always, and what the facts let it print."""
    parts = {part["item"] for part in facts["law_parts"]}
    said = {"index", "legend", "format", "checksum", "reuse", "segregable", *parts}
    decider = facts["decider"]
    filled = {
        "expiry": facts["link_days"],
        "receipt": facts["fee_words"],
        "volume": facts["volume"],
        "us-volume": facts["volume"],
        "decider": decider["name"].strip() and decider["title"].strip(),
        "appeal": facts["appeals"],
        "exemptions": _cited(facts["records"], facts["grounds"], pack),
    }
    return said | {name for name, value in filled.items() if value}


def _cited(records: Sequence[Mapping[str, Any]], grounds: Sequence[Mapping[str, str]], pack: Pack) -> bool:
    """Whether each part withheld rests on a ground with a citation; what was not asked for rests on none."""
    unasked = {reason.label for reason in pack.reasons.values() if not reason.is_exemption}
    parts = [row for record in records for row in record["withholdings"]]
    whole = [record for record in records if not record["path"]]
    return (
        all(ground["citation"] for ground in grounds)
        and all(row["grounds"] or row["why"] in unasked for row in parts)
        and all(record["grounds"] for record in whole)
    )


def ruling_number(request: RecordsRequest) -> str:
    """This will give the number of the ruling that the letter names; empty where it names none."""
    asked = _asked(request)
    given = _given(request, asked) if asked is not None else None
    return _named(given) if given is not None else ""


def _asked(request: RecordsRequest) -> Letter | None:
    return request.letters.filter(kind="ag_referral").order_by("-sent_at").first()


def _given(request: RecordsRequest, asked: Letter) -> ClockEvent | None:
    """The answer to that letter, which no ruling is that came before it."""
    rulings = request.clock_events.filter(type="ruling_given", struck_by=None, at__gte=asked.sent_at)
    return rulings.order_by("at", "pk").first()


def _named(given: ClockEvent) -> str:
    return given.reason.partition(": ")[2]


def _ruling(request: RecordsRequest, language: str) -> str:
    """That the attorney general was asked, where the copy of that letter is, and the answer; empty when
    nobody was."""
    asked = _asked(request)
    if asked is None:
        return ""
    zone = ZoneInfo(request.agency.time_zone)
    day = fields.date_of(asked.sent_at.astimezone(zone).date(), language)
    given = _given(request, asked)
    number = _named(given) if given else ""
    ruled = fields.date_of(given.at.astimezone(zone).date(), language) if given else ""
    if language == "es":
        answer = f" El fiscal general respondió el {ruled}: {number}." if given else ""
        return (
            f"Pedimos un dictamen al fiscal general el {day}. La copia de nuestra carta está en la página de"
            f" su solicitud.{answer}"
        )
    answer = f" The attorney general answered on {ruled}: {number}." if given else ""
    return (
        f"We asked the attorney general for a ruling on {day}. The copy of our letter is on the page of your"
        f" request.{answer}"
    )


def _volume(records: Sequence[Mapping[str, Any]], language: str) -> str:
    whole = [record for record in records if not record["path"]]
    parts = sum(row["count"] for record in records if record["path"] for row in record["withholdings"])
    if language == "es":
        told = [f"{len(whole)} de {len(records)} documentos no se entregan"] if whole else []
        told += [f"{parts} partes de los demás se tachan"] if parts else []
        return f"{'; '.join(told)}." if told else "No se retiene nada."
    told = [f"{len(whole)} of {len(records)} records withheld in full"] if whole else []
    told += [f"{parts} parts of the others withheld"] if parts else []
    return f"{'; '.join(told)}." if told else "Nothing is withheld."


def _fee(paid_cents: int, language: str) -> str:
    if language == "es":
        return f"Usted pagó {dollars(paid_cents)}." if paid_cents else "No se cobró nada."
    return f"You paid {dollars(paid_cents)}." if paid_cents else "Nothing was paid for it."
