"""Which forms the marks page offers for which kind of file, the usual one first."""

from redaction.workbench import forms

FORMS: dict[str, type[forms.MarkForm]] = {
    form.kind: form
    for form in (
        forms.BoxForm,
        forms.TextForm,
        forms.PageForm,
        forms.RegionForm,
        forms.FrameForm,
        forms.MuteForm,
        forms.CutForm,
        forms.RowsForm,
        forms.OwnPlateForm,
        forms.SuppressForm,
        forms.HomeForm,
        forms.FenceForm,
        forms.GeneraliseForm,
        forms.FieldsForm,
    )
}

OFFERED: dict[str, tuple[str, ...]] = {
    "pdf": ("box", "text", "page"),
    "image": ("box",),
    "video": ("region", "frame", "mute", "cut"),
    "audio": ("mute", "cut"),
    "table": ("rows", "own_plate", "suppress"),
    "flight": ("home", "fence", "generalise", "fields"),
}
