"""Which forms the marks page offers for which kind of file, the usual one first."""

from redaction.workbench import data_forms as data
from redaction.workbench import media_forms as media
from redaction.workbench.forms import MarkForm

FORMS: dict[str, type[MarkForm]] = {
    form.kind: form
    for form in (
        media.BoxForm,
        media.TextForm,
        media.PageForm,
        media.HiddenForm,
        media.RegionForm,
        media.FrameForm,
        media.MuteForm,
        media.CutForm,
        media.TracksForm,
        data.RowsForm,
        data.OwnPlateForm,
        data.SuppressForm,
        data.HomeForm,
        data.FenceForm,
        data.GeneraliseForm,
        data.FieldsForm,
    )
}

OFFERED: dict[str, tuple[str, ...]] = {
    "pdf": ("box", "text", "page"),
    "office": ("hidden", "text", "box", "page"),
    "image": ("box",),
    "video": ("region", "frame", "mute", "cut", "tracks"),
    "audio": ("mute", "cut", "tracks"),
    "table": ("rows", "own_plate", "suppress"),
    "flight": ("home", "fence", "generalise", "fields"),
}
