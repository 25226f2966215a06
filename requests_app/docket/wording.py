"""The sentence a timeline has for each audited event. Events without one stay in the audit alone."""

from django.utils.translation import gettext_lazy as _

EVENTS = {
    "request.submit": _("Request filed"),
    "request.acknowledge": _("Request accepted for work"),
    "request.ask_requester": _("Waiting for an answer from the requester"),
    "request.answer_agency": _("The requester answered"),
    "request.start_search": _("Search for records began"),
    "request.finish_search": _("Search finished; review began"),
    "request.finish_review": _("Review finished"),
    "request.reopen_review": _("Review opened again"),
    "request.close_released": _("Request closed: records released"),
    "request.close_no_records": _("Request closed: no records found"),
    "request.withdraw": _("Request withdrawn by the requester"),
    "request.lapse": _("Request closed: no answer in time"),
    "request.close_duplicate": _("Request closed: same as another request"),
    "request.reopen": _("Request opened again"),
    "request.noted": _("Internal note added"),
    "request.assigned": _("Handed to a member of staff"),
    "clock.recorded": _("The due dates were counted"),
    "message.from_requester": _("Message from the requester"),
    "message.to_requester": _("Message to the requester"),
    "letter.sent": _("Letter sent"),
    "custody.record_added": _("Record added"),
    "custody.transcript_added": _("Transcript of a recording attached"),
    "custody.hold_placed": _("Records asked for were put on hold against destruction"),
    "custody.preserved": _("Preservation confirmed"),
    "fee.send_estimate": _("Fee estimate sent"),
    "fee.accept": _("Fee estimate accepted"),
    "fee.narrow": _("Requester asked to narrow the request"),
    "fee.ask_waiver": _("Fee waiver asked for"),
    "fee.grant_waiver": _("Fee waived"),
    "fee.refuse_waiver": _("Fee waiver refused"),
    "fee.charge_nothing": _("No fee is charged"),
    "fee.refund": _("Payment given back"),
    "fees.paid": _("Payment received"),
    "fees.refunded": _("Payment given back"),
    "fees.overpaid": _("More was paid than was due"),
    "release.created": _("Release is being prepared"),
    "release.issue": _("Records released"),
    "release.recall": _("Release recalled"),
    "release.downloaded": _("Released file downloaded"),
    "review.approve": _("Record approved by a second person"),
    "review.withhold": _("Record withheld"),
    "appeal.filed": _("Appeal filed"),
    "appeal.start_review": _("Appeal is being looked at"),
    "appeal.decide": _("Appeal decided"),
    "appeal.withdraw": _("Appeal withdrawn by the requester"),
}

TO_REQUESTER = {
    "request.ask_requester": _("We asked you a question"),
    "request.answer_agency": _("You answered our question"),
    "request.withdraw": _("You withdrew the request"),
    "message.from_requester": _("Your message"),
    "message.to_requester": _("Our message to you"),
    "fee.accept": _("You accepted the fee estimate"),
    "fee.narrow": _("You asked to narrow the request"),
    "fee.ask_waiver": _("You asked for a fee waiver"),
}
"""The same events told to the person herself."""

STAFF_ONLY = frozenset(
    {
        "request.noted",
        "request.assigned",
        "custody.record_added",
        "custody.transcript_added",
        "review.approve",
        "review.withhold",
        "clock.recorded",
        "release.created",
        "request.reopen_review",
    }
)

KINDS = {
    "message": "message",
    "letter": "message",
    "fee": "money",
    "fees": "money",
    "custody": "file",
    "review": "file",
    "release": "file",
    "clock": "clock",
}
"""The timeline's colour of an event, by the part of its name before the dot."""
