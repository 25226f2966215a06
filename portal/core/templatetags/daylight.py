"""Filters every template has."""

from django import template

from portal.core.money import dollars

register = template.Library()
register.filter("dollars", dollars)


@register.filter
def file_size(size: int) -> str:
    """This will spell bytes as a person would: ``2811553`` → ``2.8 MB`` (decimal units)."""
    if size < 1000:
        return f"{size} bytes"
    amount = float(size)
    for unit in ("kB", "MB", "GB"):
        amount /= 1000
        if amount < 1000:
            break
    return f"{amount:.1f} {unit}"
