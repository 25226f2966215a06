import secrets

from django import forms

from portal.core.forms import DaylightForm


class MessageForm(DaylightForm):
    """A message; ``token`` makes a form posted twice one message."""

    body = forms.CharField(
        label="Your message",
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 5}),
        error_messages={"required": "Write your message first."},
    )
    token = forms.CharField(widget=forms.HiddenInput, max_length=40)

    @classmethod
    def fresh(cls) -> "MessageForm":
        return cls(initial={"token": secrets.token_urlsafe(16)})
