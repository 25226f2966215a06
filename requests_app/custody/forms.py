from typing import Any

from django import forms

from portal.core.forms import DaylightForm
from requests_app.docket.models import RecordsRequest, RequestItem


class ItemField(forms.ModelChoiceField):  # type: ignore[type-arg]  # Django's class takes none at run time
    def label_from_instance(self, obj: RequestItem) -> str:
        return f"{obj.position}. {obj.description[:80]}"


class AddRecordForm(DaylightForm):
    """One file and the neutral words it will be known by."""

    title = forms.CharField(
        max_length=200,
        label="Title",
        help_text="Neutral words that may stand in a public index, such as “Body-worn video 1”. No names,"
        " plates or addresses.",
    )
    file = forms.FileField(
        label="File",
        allow_empty_file=True,  # refused with the rest of what cannot be used, so that it is audited
        help_text="PDF, JPEG or PNG image, video, audio, CSV table or drone log.",
    )
    item = ItemField(
        queryset=RequestItem.objects.none(),
        required=False,
        label="Answers which item",
        empty_label="Not decided",
    )
    source_agency = forms.CharField(
        max_length=200,
        required=False,
        label="Owner, if it is a partner's camera",
        help_text="The agency or business the recording came from.",
    )

    def __init__(self, *args: Any, records_request: RecordsRequest, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["item"].queryset = records_request.items.all()  # type: ignore[attr-defined]  # declared above


class AttestForm(DaylightForm):
    """The proof that a recording is kept."""

    evidence = forms.CharField(
        max_length=300,
        label="Ticket number or hash",
        help_text="What shows that the recording is kept past its destruction date.",
    )
