"""What anybody may see without asking: the log of requests, its numbers, and how usable the portal is."""

from collections.abc import Iterator

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from portal.core import throttle
from portal.core.http import client_ip
from requests_app.transparency import exports, rules, selectors
from requests_app.transparency.forms import LogForm
from requests_app.transparency.selectors import LogFilter

PAGE = 50
EXPORTS = "30/10m"


@require_safe
def log(request: HttpRequest) -> HttpResponse:
    chosen, zone = LogFilter.read(request.GET), selectors.zone()
    on, kinds = selectors.today(zone), selectors.kinds()
    rows = selectors.requests(chosen, zone=zone, on=on)
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    months = selectors.months(chosen, zone=zone, on=on)
    numbers = selectors.numbers(chosen, zone=zone, on=on)
    return render(
        request,
        "transparency/log.html",
        {
            "page": page,
            "lines": list(selectors.lines(page.object_list, kinds, zone=zone, on=on)),  # type: ignore[arg-type]  # a slice of the queryset
            "numbers": numbers,
            "figures": [
                (words, getattr(numbers, name), rules.DEFINITIONS[name]) for name, words in _FIGURES.items()
            ],
            "months": months,
            "chart": rules.chart(months),
            "kind": kinds.get(chosen.kind, ""),
            "chosen": chosen,
            "form": LogForm(
                initial=chosen.values(), kinds=kinds, years=selectors.years(zone, on), auto_id="filter-%s"
            ),
            "query": chosen.address().removeprefix("?") + "&" if chosen.narrows else "",
            "csv_url": reverse("transparency:log-csv") + chosen.address(),
            "json_url": reverse("transparency:log-json") + chosen.address(),
        },
    )


@require_safe
def log_csv(request: HttpRequest) -> HttpResponseBase:
    return _export(request, "csv", "text/csv; charset=utf-8")


@require_safe
def log_json(request: HttpRequest) -> HttpResponseBase:
    return _export(request, "json", "application/json")


@require_safe
def accessibility(request: HttpRequest) -> HttpResponse:
    return render(request, "transparency/accessibility.html")


_FIGURES = {
    "received": "Received",
    "open": "Open",
    "closed": "Answered",
    "overdue": "Overdue",
    "median_days": "Median days",
}


def _export(request: HttpRequest, suffix: str, content_type: str) -> HttpResponseBase:
    """Exactly the rows the page shows under the same filters. Limited: each reads the whole log."""
    if throttle.too_many(request, "transparency.export", per="ip", key=client_ip(request), rate=EXPORTS):
        return throttle.refuse(request)
    chosen, zone = LogFilter.read(request.GET), selectors.zone()
    on = selectors.today(zone)
    rows = selectors.requests(chosen, zone=zone, on=on)
    lines = selectors.lines(rows, selectors.kinds(), zone=zone, on=on)
    content: Iterator[str] = exports.as_csv(lines) if suffix == "csv" else exports.as_json(lines, on=on)
    response = StreamingHttpResponse(content, content_type=content_type)
    response["Content-Disposition"] = f'attachment; filename="requests-{on}.{suffix}"'
    return response
