"""The merge fields: those every letter has (``OURS``), and those of each kind. Data, no rules."""

from collections.abc import Mapping
from datetime import UTC, date, datetime

from requests_app.correspondence.fields import Field, Table, Type
from requests_app.law.derivation import Derivation, Line

_DAY = date(2026, 11, 20)
_AT = datetime(2026, 11, 2, 12, 0, tzinfo=UTC)
_CLOCK = Derivation(
    law="TX", law_version="sample", clock="response", title="Answer the request", state="running", due=_DAY,
    lines=(
        Line("Received on Monday, November 2, 2026: day zero.", citation="Gov't Code 552.301"),
        Line("10 business days later is Friday, November 20, 2026."),
    ),
    unit="business_day",
)  # fmt: skip
_CHARGES = Table(
    "Each charge", ("For", "How much", "Rate", "Amount", "Why"),
    (("Recording", "2 recordings", "$10.00", "$20.00", "two were found"), ("Total", "", "", "$20.00", "")),
)  # fmt: skip
_NO_DAY = {
    "en": "no day: the law of this request sets none",
    "es": "sin fecha: la ley que se aplica a su solicitud no fija ninguna",
}


def _named(*fields: Field) -> dict[str, Field]:
    return {field.name: field for field in fields}


def _ours(name: str, label: str, type: Type = Type.LINE, sample: object = "", **more: object) -> Field:
    return Field(name, label, type, sample, is_ours=True, **more)  # type: ignore[arg-type]  # passed on


def _says(*items: str) -> frozenset[str]:
    return frozenset(items)


OURS: Mapping[str, Field] = _named(
    _ours("number", "Number of the request", sample="26-00012",
          says=_says("acknowledgement:number", "acknowledgement:us-tracking")),
    _ours("subject", "Subject the sender gave", sample="Your request 26-00012"),
    _ours("today", "Day of the letter", Type.DAY, _DAY),
    _ours("received", "When the request was received", Type.MOMENT, _AT,
          says=_says("acknowledgement:receipt")),
    _ours("asked", "What was asked for", Type.LIST, ["Body-worn video of the stop on Elm Street"]),
    _ours("law", "Name of the law", sample="Texas Public Information Act"),
    _ours("due_day", "Day by which the agency must answer", Type.DAY, _DAY, otherwise=_NO_DAY,
          says=_says("acknowledgement:next-date", "extension:new-date")),
    _ours("due_duty", "What must be done by that day", sample="Answer the request", in_english=True),
    _ours("due_citation", "The law that sets that day", sample="Gov't Code 552.301"),
    _ours("counted", "How that day is counted", Type.CLOCK, _CLOCK, in_english=True,
          says=_says("acknowledgement:receipt")),
    _ours("expected_day", "Day on which a decision is expected", Type.DAY, _DAY, otherwise=_NO_DAY),
    _ours("answer_by", "Day by which the requester must answer", Type.DAY, _DAY),
    _ours("answer_duties", "What the requester must do by when", Type.LIST,
          ["Answer the estimate by Friday, November 20, 2026"], in_english=True),
    _ours("fee_limit", "What the requester agreed to pay", Type.MONEY, 2500),
    _ours("appeal_routes", "Where the law lets the requester go", Type.LIST,
          ["You may ask a court to order the release."], in_english=True,
          says=_says("denial:appeal", "fee_waiver_decision:appeal", "appeal_decision:court"),
          otherwise={
              "en": "The law of this request names no appeal within the agency. A court may be asked.",
              "es": "La ley que se aplica a su solicitud no prevé una apelación ante esta agencia."
                    " Usted puede acudir a un tribunal.",
          }),
    _ours("requester_name", "Name of the requester", sample="Ana Ruiz"),
    _ours("agency_name", "Name of the agency", sample="City of Larkspur Police Department"),
    _ours("agency_address", "Address of the agency", Type.TEXT, "1 Main Street, Larkspur"),
    _ours("contact", "Whom to ask", sample="Rosa Quill, Public Information Officer, records@larkspur.example",
          says=_says("acknowledgement:contact")),
    _ours("tracking_url", "Page of the request", sample="https://records.example/my/requests/sample/"),
    _ours("decider_name", "Name of the signer", sample="Rosa Quill"),
    _ours("decider_title", "Title of the signer", sample="Public Information Officer"),
    _ours("decider", "Name and title of the signer", sample="Rosa Quill, Public Information Officer",
          says=_says("denial:decider", "denial:ca-names", "extension:decided-by")),
)  # fmt: skip

_CLOCK_EFFECT = Field(
    "clock_effect", "What it does to the time limit", Type.TEXT,
    "The clock stops until your answer comes.", says=_says("clock"), hint="In plain words.",
)  # fmt: skip
_REASONS = Field("reasons", "Reasons", Type.TEXT, "The recording was found.", says=_says("reasons"))
_PAID_FOR = (
    Field(
        "charges",
        "Each charge",
        Type.TABLE,
        _CHARGES,
        says=_says("lines", "basis"),
        is_ours=True,
        in_english=True,
    ),
    Field("total", "Total", Type.MONEY, 2000, is_ours=True),
    Field(
        "notes",
        "Notes of the calculation",
        Type.LIST,
        ["Review is not charged."],
        is_ours=True,
        in_english=True,
    ),
)

BY_KIND: Mapping[str, Mapping[str, Field]] = {
    "acknowledgement": _named(
        Field("time_span", "Time asked for", Type.LINE, "", is_ours=True),
    ),
    "clarification": _named(
        Field("question", "What is unclear", Type.TEXT, "Which of the two stops do you mean?",
              says=_says("unclear")),
        Field("examples", "Examples of an answer that would help", Type.TEXT, "A street and an hour.",
              says=_says("examples"), otherwise={
                  "en": "A date, an hour, a street corner, the name of a camera or the number of a report"
                        " would help.",
                  "es": "Por ejemplo: una fecha, una hora, una esquina, el nombre de una cámara o el número"
                        " de un informe.",
              }),
        Field("reply_by", "Day to answer by", Type.DAY, _DAY, says=_says("reply-by"),
              hint="Taken from the law where it sets one.", otherwise={
                  "en": "the law sets none", "es": "la ley no fija ninguno",
              }),
        _CLOCK_EFFECT,
    ),
    "extension": _named(
        Field("reason", "Reason", Type.TEXT, "The recordings are voluminous.", says=_says("reason"),
              hint="One that the law lists."),
        Field("extension_length", "By how much", Type.LINE, "10 business days", is_ours=True),
    ),
    "fee_estimate": _named(
        *_PAID_FOR,
        Field("grade", "Grade of the staff", Type.LINE, "Clerk", says=_says("grade"), otherwise={
            "en": "Where the time of staff is charged, its line names the work and the rate by the hour.",
            "es": "Cuando se cobra el tiempo del personal, la línea indica el trabajo y la tarifa por hora.",
        }),
        Field("version", "Number of the estimate", Type.LINE, "1", is_ours=True),
        Field("worth", "What the work comes to, if more than is charged", Type.MONEY, 2500, is_ours=True),
        Field("deposit", "Deposit", Type.MONEY, 500, is_ours=True),
        Field("valid_until", "Day until which the amounts hold", Type.DAY, _DAY, is_ours=True),
        Field("schedule", "Name of the fee schedule", Type.LINE, "Fees", is_ours=True),
    ),
    "deposit_demand": _named(
        Field("amount", "Amount asked for", Type.MONEY, 5000, says=_says("amount")),
        Field("threshold", "Amount over which the law allows a deposit", Type.TEXT,
              "A deposit may be asked for above 100 dollars.", says=_says("threshold")),
        _CLOCK_EFFECT,
        Field("lapse_day", "Day on which the request ends without payment", Type.DAY, _DAY,
              says=_says("lapse"), otherwise={
                  "en": "the law sets none", "es": "la ley no fija ninguno",
              }),
    ),
    "fee_waiver_decision": _named(
        Field("outcome", "Decision", Type.LINE, "The fee is waived in full."),
        Field("standard", "Test that was applied", Type.TEXT,
              "Whether the release benefits the public.", says=_says("standard")),
        _REASONS,
    ),
    "no_responsive_records": _named(
        Field("search", "What was searched", Type.TEXT,
              "The camera archive, by street and hour, by two clerks on November 3 and 4.",
              says=_says("search"), hint="Systems, words, custodians and dates."),
        Field("destroyed", "Records destroyed under a schedule", Type.TEXT, "Deleted on October 3.",
              says=_says("destroyed"), hint="Which schedule and when. Leave it empty if you know of none.",
              otherwise={
                  "en": "We know of no record you asked for that was destroyed under a retention schedule.",
                  "es": "No tenemos constancia de que algún documento que usted pidió se haya destruido"
                        " conforme a un calendario de conservación.",
              }),
        Field("custodian", "Another office that may hold the record", Type.TEXT, "The county sheriff.",
              says=_says("custodian"), hint="Name and place. Leave it empty if you know of none.",
              otherwise={
                  "en": "We know of no other office that is likely to hold the record.",
                  "es": "No conocemos otra oficina que pueda tener el documento.",
              }),
    ),
    "denial": _named(
        Field("grounds", "Each part withheld, the law, and how it applies", Type.TEXT,
              "Recording 1: Gov't Code 552.108; its release would interfere with an open case.",
              says=_says("exemptions")),
        Field("volume", "How much is withheld", Type.TEXT, "One recording of 12 minutes.",
              says=_says("volume", "us-volume")),
        Field("ruling", "Ruling of the attorney general", Type.TEXT,
              "We asked for a ruling on November 9. A copy of our letter is enclosed.",
              hint="When a ruling was asked for, and that a copy of the letter is enclosed."),
    ),
    "release": _named(
        Field("records", "List of the records", Type.LIST, ["1. Recording of the stop"], says=_says("index")),
        Field("legend", "What each redaction label means", Type.TEXT,
              "A black bar: an identity the law protects.", says=_says("legend"), otherwise={
                  "en": "Nothing was redacted.", "es": "No se tachó nada.",
              }),
        Field("format", "Format of the files", Type.LINE, "MP4 video", says=_says("format")),
        Field("expires", "Day on which the download link ends", Type.DAY, _DAY, says=_says("expiry")),
        Field("checksum", "Checksum of the files", Type.LINE, "SHA-256 9f86d0…", says=_says("checksum")),
        Field("fee_receipt", "Receipt for fees paid", Type.LINE, "$20.00, receipt R-7",
              says=_says("receipt"), otherwise={
                  "en": "Nothing was charged.", "es": "No se cobró nada.",
              }),
        Field("reuse", "Conditions of reuse", Type.TEXT, "None.", says=_says("reuse"), otherwise={
            "en": "We set no conditions for using the records again.",
            "es": "No ponemos condiciones para volver a usar los documentos.",
        }),
    ),
    "installment": _named(
        Field("included", "What this part contains", Type.LIST, ["Recording 1"], says=_says("included")),
        Field("remaining", "What is still to come", Type.LIST, ["Recording 2"], says=_says("remaining")),
        Field("next_day", "Day of the next part", Type.DAY, _DAY, says=_says("next-date")),
    ),
    "withdrawal_or_lapse": _named(
        Field("what_was_asked", "What the requester was asked, and when", Type.TEXT,
              "On November 3, 2026 we asked which stop you mean.", says=_says("asked")),
        Field("hold_until", "Day until which the records are kept", Type.DAY, _DAY, says=_says("hold-ends"),
              otherwise={
                  "en": "no day is set yet, and what you asked for is still on hold",
                  "es": "aún no se ha fijado un día, y lo que usted pidió sigue protegido",
              }),
    ),
    "ag_referral": _named(
        Field("exceptions", "Exceptions claimed, and why", Type.TEXT,
              "Gov't Code 552.108: the recording belongs to an open case.",
              hint="The requester gets a copy: say nothing that the records say."),
        Field("asked_text", "Copy of the request", Type.TEXT, "Body-worn video of the stop.", is_ours=True),
    ),
    "ruling_notice": _named(
        Field("exceptions", "Exceptions claimed, and why", Type.TEXT,
              "Gov't Code 552.108: the recording belongs to an open case.", is_ours=True),
        Field("ruling_day", "Day by which the ruling is expected", Type.DAY, _DAY, otherwise=_NO_DAY,
              is_ours=True),
        Field("ruling_counted", "How that day is counted", Type.CLOCK, _CLOCK, in_english=True, is_ours=True),
    ),
    "third_party_notice": _named(
        Field("third_party", "Name and address of the person", Type.TEXT, "Jo Park\n2 Oak Street"),
        Field("who_asks", "Who asks", Type.LINE, "A member of the public", says=_says("who"),
              hint="Only where the law lets us say so.", otherwise={
                  "en": "The law does not let us say who asks.",
                  "es": "La ley no nos permite decir quién la pide.",
              }),
        Field("concerned", "What is asked for", Type.TEXT, "The recording of November 2.",
              says=_says("what")),
        Field("release_day", "Day on which it is to be released", Type.DAY, _DAY,
              says=_says("release-date")),
        Field("object_by", "Day until which an objection helps", Type.DAY, _DAY),
        Field("how_to_object", "How to object", Type.TEXT, "Write to the address above.",
              says=_says("object")),
    ),
    "appeal_acknowledgement": _named(
        Field("appeal_number", "Number of the appeal", Type.LINE, "A26-00003", is_ours=True),
        Field("appeal_due", "Day by which the appeal is decided", Type.DAY, _DAY, says=_says("new-date"),
              otherwise=_NO_DAY, is_ours=True),
        Field("appeal_counted", "How that day is counted", Type.CLOCK, _CLOCK, in_english=True, is_ours=True),
    ),
    "appeal_decision": _named(
        Field("appeal_number", "Number of the appeal", Type.LINE, "A26-00003", is_ours=True),
        Field("outcome", "Decision", Type.LINE, "The first decision stands."),
        _REASONS,
        Field("reopened", "What happens next", Type.TEXT, "Your request is open again.", is_ours=True),
    ),
    "critical_incident_notice": _named(
        Field("basis", "Specific reason for the delay", Type.TEXT, "An interview is still to be held.",
              says=_says("ca-basis")),
        Field("disclosure_day", "Day on which release is expected", Type.DAY, _DAY,
              says=_says("ca-expected")),
        Field("next_notice", "Day of the next notice", Type.DAY, _DAY, says=_says("ca-thirty"),
              hint="At most 30 days from today."),
    ),
    "misconduct_video_delay": _named(
        Field("prosecutor_reason", "The prosecutor's written reason", Type.TEXT,
              "Release would harm an open case."),
        Field("prosecutor", "Name and office of the prosecutor", Type.LINE, "District Attorney"),
        Field("delay_until", "Day until which it is delayed", Type.DAY, _DAY),
    ),
    "notice": _named(
        Field("paragraphs", "What the letter says", Type.TEXT, "We need more time."),
        Field("new_day", "New day of the request", Type.DAY, _DAY, is_ours=True),
        Field("new_counted", "How that day is counted", Type.CLOCK, _CLOCK, is_ours=True, in_english=True),
    ),
    "invoice": _named(
        *_PAID_FOR,
        Field("invoice_number", "Number of the invoice", Type.LINE, "I26-00004", is_ours=True),
        Field("paid", "Paid so far", Type.MONEY, 500, is_ours=True),
        Field("balance", "Still to be paid", Type.MONEY, 1500, is_ours=True),
        Field("pay_by", "Day by which to pay", Type.DAY, _DAY, is_ours=True),
    ),
    "receipt": _named(
        *_PAID_FOR,
        Field("receipt_number", "Number of the receipt", Type.LINE, "R26-00007", is_ours=True),
        Field("reference", "Reference of the payment", Type.LINE, "R-7", is_ours=True),
        Field("paid", "Paid", Type.MONEY, 2000, is_ours=True),
        Field("paid_at", "When it was paid", Type.MOMENT, _AT, is_ours=True),
        Field("balance", "Still to be paid", Type.MONEY, 0, is_ours=True),
    ),
}  # fmt: skip
