"""Public numbers and lines. Only the columns named in ``_COLUMNS`` are ever read from a request."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, astuple, dataclass
from datetime import date, datetime, timedelta
from typing import Any, TypeVar
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import structlog
from django.core.cache import cache
from django.db.models import Aggregate, Count, DateField, DurationField, F, Min, Q, QuerySet
from django.db.models.functions import TruncDate, TruncMonth
from django.utils import timezone
from redis.exceptions import RedisError

from requests_app.docket.models import RecordsRequest
from requests_app.docket.rules import OPEN, Status
from requests_app.intake.models import FormDefinition
from requests_app.law.models import Agency
from requests_app.transparency import rules

log = structlog.get_logger(__name__)
Kept = TypeVar("Kept")
_COLUMNS = ("number", "form_code", "status", "disposition", "received_at", "due_on", "closed_at")
FRESH_SECONDS = 60
_OPEN = Q(status__in=OPEN)


class Median(Aggregate):
    """The value in the middle (SQL: percentile_cont)."""

    function = "percentile_cont"
    template = "%(function)s(0.5) WITHIN GROUP (ORDER BY %(expressions)s)"


@dataclass(frozen=True)
class LogFilter:
    """What the log shows; read from the address, so that a view can be linked to."""

    kind: str = ""
    state: str = ""
    year: int | None = None

    @classmethod
    def read(cls, sent: Mapping[str, str]) -> "LogFilter":
        """This will read a filter from an address; what it does not know is left out."""
        kind, state, year = sent.get("kind", ""), sent.get("state", ""), sent.get("year", "")
        known = year.isascii() and year.isdigit() and 1970 <= int(year[:6]) <= 2200
        return cls(
            kind=kind if kind in kinds() else "",
            state=state if state in rules.STATES else "",
            year=int(year) if known else None,
        )

    def values(self) -> dict[str, str]:
        return {"kind": self.kind, "state": self.state, "year": str(self.year or "")}

    def address(self) -> str:
        return "?" + urlencode({name: value for name, value in self.values().items() if value})

    @property
    def narrows(self) -> bool:
        return any(self.values().values())


@dataclass(frozen=True)
class Numbers:
    """The dashboard. ``median_days``: None before the first close."""

    received: int
    open: int
    closed: int
    overdue: int
    median_days: float | None


def zone() -> ZoneInfo:
    """This will give the agency's time zone; days are judged where the agency is."""
    name = Agency.objects.order_by("pk").values_list("time_zone", flat=True).first()
    return ZoneInfo(name or "UTC")


def today(zone: ZoneInfo) -> date:
    return timezone.localdate(timezone=zone)


def kinds() -> dict[str, str]:
    """This will name the guided forms by code, in the words of their active versions."""
    rows = FormDefinition.objects.order_by("is_active", "position", "version")
    return {row.code: str(row.data.get("title", row.code)) for row in rows}


def requests(chosen: LogFilter, *, zone: ZoneInfo, on: date) -> QuerySet[RecordsRequest]:
    """This will list the filed requests a filter lets through, the newest number first."""
    rows = _narrowed(chosen, zone)
    if chosen.state == "closed":
        rows = rows.filter(status=Status.CLOSED)
    elif chosen.state:
        rows = rows.filter(_OPEN)
    if chosen.state == "overdue":
        rows = rows.filter(due_on__lt=on)
    return rows.order_by("-received_at", "-pk")


def lines(
    rows: QuerySet[RecordsRequest], named: Mapping[str, str], *, zone: ZoneInfo, on: date
) -> Iterator[rules.Line]:
    """This will give each request as the public sees it; memory does not grow with the rows."""
    for row in rows.values(*_COLUMNS).iterator(chunk_size=500):
        yield _line(row, named, zone, on)


def numbers(chosen: LogFilter, *, zone: ZoneInfo, on: date) -> Numbers:
    """This will count what is defined in ``rules.DEFINITIONS``, for a kind and year; a minute old at most."""
    key = f"numbers:{chosen.kind}:{chosen.year}:{on}"
    return _kept(key, lambda: _numbers(chosen, zone, on), plain=asdict, back=lambda kept: Numbers(**kept))


def months(chosen: LogFilter, *, zone: ZoneInfo, on: date) -> list[rules.Month]:
    """This will count what came in and went out in each of the last twelve months."""
    return _kept(
        f"months:{chosen.kind}:{on}",
        lambda: _months(chosen, zone, on),
        plain=lambda found: [astuple(month) for month in found],
        back=lambda kept: [rules.Month(*month) for month in kept],
    )


def years(zone: ZoneInfo, on: date) -> list[int]:
    """This will list the years the log has, newest first."""
    first = RecordsRequest.objects.filed().aggregate(first=Min("received_at"))["first"]
    return list(range(on.year, (first.astimezone(zone).year if first else on.year) - 1, -1))


def _kept(
    key: str, make: Callable[[], Kept], *, plain: Callable[[Kept], Any], back: Callable[[Any], Kept]
) -> Kept:
    """Numbers over all requests are worked out once a minute at most; without the cache, each time."""
    try:
        kept = cache.get(f"transparency:{key}")
        if kept is not None:
            return back(kept)
        found = make()
        cache.set(f"transparency:{key}", plain(found), FRESH_SECONDS)
        return found
    except RedisError as error:
        log.warning("cache_down", error=type(error).__name__)
        return make()


def _narrowed(chosen: LogFilter, zone: ZoneInfo) -> QuerySet[RecordsRequest]:
    rows = RecordsRequest.objects.filed()
    if chosen.kind:
        rows = rows.filter(form_code=chosen.kind)
    if chosen.year:
        begins = datetime(chosen.year, 1, 1, tzinfo=zone)
        rows = rows.filter(received_at__gte=begins, received_at__lt=begins.replace(year=chosen.year + 1))
    return rows


def _line(row: Mapping[str, Any], named: Mapping[str, str], zone: ZoneInfo, on: date) -> rules.Line:
    stage, tag = rules.STAGES[row["status"]]
    closed = row["closed_at"]
    late = closed is None and row["due_on"] is not None and row["due_on"] < on
    return rules.Line(
        number=row["number"],
        kind=named.get(row["form_code"], "Other"),
        stage=stage,
        tag=tag,
        received_on=row["received_at"].astimezone(zone).date(),
        due_on=row["due_on"] if closed is None else None,
        closed_on=closed.astimezone(zone).date() if closed else None,
        outcome=rules.OUTCOMES.get(row["disposition"], ""),
        overdue=late,
    )


def _numbers(chosen: LogFilter, zone: ZoneInfo, on: date) -> Numbers:
    taken = TruncDate("closed_at", tzinfo=zone) - TruncDate("received_at", tzinfo=zone)
    counted = _narrowed(chosen, zone).aggregate(
        received=Count("pk"),
        open=Count("pk", filter=_OPEN),
        closed=Count("pk", filter=Q(status=Status.CLOSED)),
        overdue=Count("pk", filter=_OPEN & Q(due_on__lt=on)),
        median=Median(taken, output_field=DurationField()),
    )
    median: timedelta | None = counted.pop("median")
    return Numbers(**counted, median_days=median / timedelta(days=1) if median is not None else None)


def _months(chosen: LogFilter, zone: ZoneInfo, on: date) -> list[rules.Month]:
    first = datetime.combine(rules.months_back(on, 12)[0], datetime.min.time(), tzinfo=zone)
    rows = _narrowed(LogFilter(kind=chosen.kind), zone)
    counted = {}
    for name in ("received_at", "closed_at"):
        counted[name] = dict(
            rows.filter(**{f"{name}__gte": first})
            .annotate(month=TruncMonth(F(name), tzinfo=zone, output_field=DateField()))
            .values_list("month")
            .annotate(count=Count("pk"))
        )
    return rules.months(on, counted["received_at"], counted["closed_at"])
