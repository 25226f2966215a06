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
    if size < 999_950:
        return f"{size / 1000:.1f} kB"
    if size < 999_950_000:
        return f"{size / 1_000_000:.1f} MB"
    return f"{size / 1_000_000_000:.1f} GB"
