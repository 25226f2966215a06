import pytest
from django.urls import reverse

from portal.core import jobs
from redaction.plans import services as plans
from redaction.release import particulars, services
from redaction.release.particulars import Particular
from requests_app.custody.models import ResponsiveRecord
from requests_app.docket.models import RecordsRequest
from requests_app.docket.rules import Status
from requests_app.law.pack import shipped
from tests.builders import NOON, a_request
from tests.redaction.plans.plan_builders import a_review, an_approver
from tests.redaction.release.release_builders import a_clerk, add, no_fee, some_reads
from tests.requests_app.custody.record_builders import an_analyst
from tests.requests_app.desk.desk_builders import signed_in

STATUTE = Particular("TX-101", "Gov't Code 552.101", "statute", "Which law forbids it?", (), must=True)
ALONE = "TX-101 (Gov't Code 552.101) cannot be cited alone. Which law forbids it?"
CHOICE = Particular("OH-A17", "R.C. 149.43(A)(17)", "portion", "Which portion?", ("a child",), must=False)


@pytest.mark.parametrize(
    ("asked", "said", "fault"),
    [
        (STATUTE, {}, "TX-101 (Gov't Code 552.101) cannot be cited alone. Which law forbids it?"),
        (
            STATUTE,
            {"statute": "  "},
            "TX-101 (Gov't Code 552.101) cannot be cited alone. Which law forbids it?",
        ),
        (STATUTE, {"statute": "x" * 501}, "What you say about TX-101 is longer than 500 characters."),
        (STATUTE, {"statute": "Family Code 58.008"}, None),
        (CHOICE, {}, None),
        (CHOICE, {"portion": "a dog"}, "'a dog' is none of the answers the law has for OH-A17."),
        (CHOICE, {"portion": "a child"}, None),
    ],
)
def test_what_a_ground_has_to_be_told_is_asked_for(
    asked: Particular, said: dict[str, str], fault: str | None
) -> None:
    assert particulars.faults([asked], {asked.code: said}) == ([fault] if fault else [])


def test_only_a_ground_that_a_mark_cites_itself_must_be_told() -> None:
    rules = shipped("US").exemptions.values()

    asked = {one.code: one for one in particulars.wanted(rules, {"Ex. 3"})}

    assert asked["Ex. 3"].must
    assert asked["Ex. 3"].question == particulars.QUESTIONS["statute"]
    assert not particulars.wanted([shipped("US").exemptions["Ex. 6"]], {"Ex. 6"})


def test_the_sentence_has_its_particulars_and_never_a_bare_field() -> None:
    rule = shipped("TX").exemptions["TX-101"]

    assert "Family Code 58.008" in particulars.sentence(rule, {"TX-101": {"statute": "Family Code 58.008."}})
    assert "{" not in particulars.sentence(rule, {"TX-101": {"statute": "Family Code 58.008"}})
    assert particulars.sentence(rule, {}) == ""


def test_every_shipped_sentence_can_be_filled() -> None:
    for law in ("TX", "CA", "US", "NY", "IL", "WA", "OH"):
        for rule in shipped(law).exemptions.values():
            said = particulars.sentence(rule, {rule.code: dict.fromkeys(rule.needs, "so and so")})
            assert bool(said) == bool(rule.needs)
            assert "{" not in said


@pytest.fixture
def request_under_other_law() -> RecordsRequest:
    """One record withheld whole because another statute forbids it."""
    request = a_request(status=Status.SEARCHING)
    add(request, some_reads(), "reads.csv", "Plate reads at Elm and 3rd")
    RecordsRequest.objects.filter(pk=request.pk).update(status=Status.IN_REVIEW)
    review = a_review(ResponsiveRecord.objects.get(request=request))
    plans.withhold(review=review, exemption_codes=["TX-101"], actor=an_analyst(), at=NOON)
    assert review.job is not None
    assert jobs.execute(review.job.pk)
    plans.approve(review=review, approver=an_approver(), at=NOON, render_sha256="")
    no_fee(request)
    request.refresh_from_db()
    return request


@pytest.mark.django_db
def test_a_decision_waits_for_the_statute_and_prints_it(request_under_other_law: RecordsRequest) -> None:
    case, clerk = request_under_other_law, a_clerk(name="Ines Ward", title="Clerk")
    page = signed_in(clerk)
    address = reverse("release:create", args=[case.key])

    shown = page.get(reverse("release:staff", args=[case.key])).content.decode()
    refused = page.post(address, {"outcome_note": ""})
    made = page.post(address, {"outcome_note": "", "said-0": "Family Code 58.008"})

    assert "TX-101" in shown
    assert particulars.QUESTIONS["statute"] in shown
    assert refused.status_code == 409
    assert made.status_code == 302
    facts = case.releases.get().facts
    assert "Family Code 58.008" in facts["grounds"][0]["said"]
    assert facts["records"][0]["grounds"][0]["said"] == facts["grounds"][0]["said"]


@pytest.mark.django_db
def test_a_program_is_told_what_lacks(request_under_other_law: RecordsRequest) -> None:
    with pytest.raises(services.ReleaseRefused, match=r"TX-101 .* cannot be cited alone"):
        services.create(request=request_under_other_law, actor=a_clerk(title="Clerk"), at=NOON)

    manifest = services.create(
        request=request_under_other_law, actor=a_clerk(title="Clerk"), at=NOON,
        answers={"TX-101": {"statute": "Family Code 58.008"}},
    )  # fmt: skip

    assert manifest.status == "building"
