"""The public calculator of deadlines and the public calendar."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from portal.core import throttle
from portal.core.http import client_ip
from portal.core.time import now
from requests_app.clock import calculator, selectors, years
from requests_app.clock.calculator import Answer
from requests_app.clock.calendar_page import read_year, year_page
from requests_app.clock.forms import MOST_ROWS, Asked
from requests_app.law.models import Agency
from requests_app.law.selectors import agency as the_agency
from requests_app.law.selectors import parsed

RATE = "60/m"


@require_safe
def calculate(request: HttpRequest) -> HttpResponse:
    """Everything asked stands in the address, so a result can be sent to somebody else."""
    if throttle.too_many(request, "clock.calculator", per="ip", key=client_ip(request), rate=RATE):
        return throttle.refuse(request)
    agency = Agency.objects.order_by("pk").first()
    today = selectors.day_of(agency, now()) if agency else now().date()
    asked = Asked(request.GET, agency=agency, today=today)
    question = asked.question() if asked.is_asked else None
    answers: list[Answer] = calculator.answer(question, agency=agency) if question else []
    invalid = asked.is_asked and question is None
    page = {
        "form": asked.form,
        "rows": asked.rows,
        "row_count": len(asked.rows),
        "more_rows": min(len(asked.rows) + 3, MOST_ROWS),
        "may_add": len(asked.rows) < MOST_ROWS,
        "law": asked.pack,
        "parsed": parsed(asked.pack) if asked.pack else None,
        "question": question,
        "answers": answers,
        "invalid": invalid,
        "faulty_rows": [row for row in asked.rows if row.errors],
        "facts": [asked.form[f"fact-{name}"] for name in asked.form.asked],
        "json_url": f"{reverse('api:deadlines')}?{request.GET.urlencode()}" if question else "",
    }
    return render(request, "clock/calculator.html", page, status=422 if invalid else 200)


@require_safe
def public_calendar(request: HttpRequest) -> HttpResponse:
    """Which days count, for anybody: holidays of the law in use and the agency's own closures."""
    agency = the_agency()
    today = selectors.day_of(agency, now())
    year = read_year(request.GET.get("year", ""), today)
    page = year_page(agency, year=year, today=today)
    return render(request, "clock/public_calendar.html", {**page, "ahead": years.AHEAD})
