"""``{% load uswds %}``: icons of the sprite, and our markup for forms of other packages."""

from django import template
from django.forms import BaseForm
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString

from portal.core import forms

register = template.Library()
register.filter("error_rows", forms.error_rows)


@register.filter
def uswds(form: BaseForm) -> BaseForm:
    """This will dress a form so that ``{{ form|uswds }}`` renders like every other form of the portal."""
    return forms.dress(form)


@register.simple_tag
def icon(name: str) -> SafeString:
    """This will draw a decorative icon of the USWDS sprite; words beside it carry the meaning."""
    return format_html(
        '<svg class="usa-icon" aria-hidden="true" focusable="false"><use href="{}#{}"></use></svg>',
        static("vendor/uswds/img/sprite.svg"),
        name,
    )
