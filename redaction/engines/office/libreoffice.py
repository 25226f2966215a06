"""Pages from an office file, by LibreOffice: a profile of its own, no macros, no network, limited in all."""

import shutil
from pathlib import Path

from redaction import sandbox
from redaction.limits import MEGABYTE
from redaction.report import Refused

PROGRAMS = ("soffice", "libreoffice")
PACKAGES = "libreoffice-writer-nogui libreoffice-calc-nogui"
SECONDS = 180
MEMORY = 2 * 1024**3  # bytes of its own

# registry keys of LibreOffice: macros never run, nothing is fetched or computed anew
_SETTINGS = (
    ("/org.openoffice.Office.Common/Security/Scripting", "MacroSecurityLevel", "3"),
    ("/org.openoffice.Office.Common/Security/Scripting", "DisableMacrosExecution", "true"),
    ("/org.openoffice.Office.Common/Security/Scripting", "BlockUntrustedRefererLinks", "true"),
    ("/org.openoffice.Office.Common/Security/Scripting", "DisableActiveContent", "true"),
    ("/org.openoffice.Office.Calc/Content/Update", "Link", "2"),
    ("/org.openoffice.Office.Writer/Content/Update", "Link", "0"),
    ("/org.openoffice.Office.Calc/Formula/Load", "OOXMLRecalcMode", "1"),
    ("/org.openoffice.Office.Calc/Formula/Load", "ODFRecalcMode", "1"),
)


def program() -> str | None:
    """This will give the path of LibreOffice, None when it is not installed."""
    return next((path for name in PROGRAMS if (path := shutil.which(name))), None)


def to_pdf(source: Path, folder: Path) -> Path:
    """This will write ``source`` as a PDF into ``folder`` and give its path.

    :raises Refused: when LibreOffice is not installed, takes too long, or makes no pages of the file.
    """
    office = program()
    if office is None:
        raise Refused(
            "office files are turned into pages by LibreOffice, which is not installed "
            f"(Debian: apt-get install --no-install-recommends {PACKAGES}); or export the file as PDF"
        )
    profile = folder / "profile"
    _write_profile(profile)
    argv = [
        office, f"-env:UserInstallation=file://{profile}", "--headless", "--norestore", "--nolockcheck",
        "--nodefault", "--nologo", "--convert-to", "pdf", "--outdir", str(folder), str(source),
    ]  # fmt: skip
    try:
        sandbox.program(
            argv,
            folder=folder,
            seconds=SECONDS,
            megabytes=MEMORY // MEGABYTE,
            settings={"LANG": "C.UTF-8", "SAL_USE_VCLPLUGIN": "svp"},
        )
    except sandbox.ProgramFailed as error:
        if error.why == "time":
            raise Refused(f"LibreOffice made no pages of the file within {SECONDS} seconds") from error
        raise Refused("LibreOffice could not make pages of the file; ask for it as PDF") from error
    made = folder / f"{source.stem}.pdf"
    if not made.exists():
        raise Refused("LibreOffice could not make pages of the file; ask for it as PDF")
    return made


def _write_profile(folder: Path) -> None:
    items = "".join(
        f'<item oor:path="{path}"><prop oor:name="{name}" oor:op="fuse"><value>{value}</value></prop></item>'
        for path, name, value in _SETTINGS
    )
    (folder / "user").mkdir(parents=True)
    (folder / "user" / "registrymodifications.xcu").write_text(
        '<?xml version="1.0" encoding="UTF-8"?>'
        '<oor:items xmlns:oor="http://openoffice.org/2001/registry">' + items + "</oor:items>",
        encoding="utf-8",
    )
