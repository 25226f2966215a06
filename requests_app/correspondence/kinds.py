"""Every kind of letter: who gets it, who may send it, and the merge fields it has."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from portal.accounts.rules import Permission
from portal.core.errors import BadInput
from requests_app.correspondence.fields import Field
from requests_app.correspondence.kind_fields import BY_KIND, OURS


class Recipient(StrEnum):
    REQUESTER = "requester"
    ATTORNEY_GENERAL = "attorney_general"
    THIRD_PARTY = "third_party"

    @property
    def label(self) -> str:
        return {
            "attorney_general": "the attorney general",
            "third_party": "somebody named in the records",
        }.get(self.value, "the requester")


class UnknownKind(BadInput):
    """There is no letter of that kind."""

    code = "unknown_letter"


@dataclass(frozen=True)
class Kind:
    """One kind. ``items`` names the letters of a law pack whose required contents it has to say."""

    code: str
    label: str
    recipient: Recipient = Recipient.REQUESTER
    permission: Permission = Permission.WORK_REQUESTS
    by_hand: bool = True  # staff may write one on a request's page
    requester_sees: bool = True
    needs_decider: bool = False  # a letter that somebody has to answer for by name

    @property
    def fields(self) -> Mapping[str, Field]:
        return {**OURS, **BY_KIND.get(self.code, {})}

    def said_by(self, name: str) -> set[str]:
        """This will give the ids of the required items that a filled field says in a letter of this kind."""
        marks = self.fields[name].says if name in self.fields else frozenset()
        own = name in self.own_fields
        # a field that every letter has names the kind too: “receipt” is a date here and money there
        return {each.rpartition(":")[2] for each in marks if own or each.startswith(f"{self.code}:")}

    @property
    def own_fields(self) -> Mapping[str, Field]:
        """The fields this kind adds to those every letter has."""
        return BY_KIND.get(self.code, {})


KINDS: Mapping[str, Kind] = {
    kind.code: kind
    for kind in (
        Kind("acknowledgement", "Acknowledgement"),
        Kind("clarification", "Question to the requester"),
        Kind("extension", "Extension of time"),
        Kind("fee_estimate", "Fee estimate", permission=Permission.CHARGE, by_hand=False),
        Kind("deposit_demand", "Demand for a deposit", permission=Permission.CHARGE),
        Kind(
            "fee_waiver_decision", "Decision on a fee waiver", permission=Permission.WAIVE_FEES,
            needs_decider=True,
        ),
        Kind("no_responsive_records", "No records found"),
        Kind("denial", "Denial", permission=Permission.RELEASE, needs_decider=True),
        Kind("release", "Release", permission=Permission.RELEASE),
        Kind("installment", "Part of the records, more to come", permission=Permission.RELEASE),
        Kind("withdrawal_or_lapse", "Request closed: withdrawn or no answer"),
        Kind(
            "ag_referral", "Request for a ruling of the attorney general", Recipient.ATTORNEY_GENERAL,
            by_hand=False,
        ),
        Kind("ruling_notice", "A ruling was asked for", by_hand=False),
        Kind(
            "third_party_notice", "Notice to a third party or victim", Recipient.THIRD_PARTY,
            requester_sees=False,
        ),
        Kind("appeal_acknowledgement", "Appeal received", by_hand=False),
        Kind("appeal_decision", "Appeal decided", by_hand=False),
        Kind("critical_incident_notice", "Delay of a critical-incident video"),
        Kind("misconduct_video_delay", "Delay of a misconduct video"),
        Kind("notice", "Other letter"),
        Kind("invoice", "Invoice", permission=Permission.CHARGE, by_hand=False),
        Kind("receipt", "Receipt", permission=Permission.TAKE_PAYMENT, by_hand=False),
    )
}  # fmt: skip
FROM_THE_OFFICE = frozenset(
    {
        "acknowledgement", "appeal_acknowledgement", "clarification", "deposit_demand", "invoice", "receipt",
        "withdrawal_or_lapse",
    }
)  # fmt: skip
"""Letters that decide nothing: they carry the office's contact; which clerk wrote them stays inside."""

ALIASES = {"estimate": "fee_estimate"}
"""Names that callers use for a kind the laws know under another."""

DETERMINATION = "determination"
"""Printed with each release from its frozen facts; not written by hand and not a row of templates."""


def of(code: str) -> Kind:
    """This will give the kind of that name. :raises UnknownKind: naming those there are."""
    found = KINDS.get(ALIASES.get(code, code))
    if found is None:
        raise UnknownKind(f"There is no letter of the kind “{code[:40]}”. Kinds: {', '.join(KINDS)}.")
    return found
