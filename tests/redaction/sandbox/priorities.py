"""What a child finds out about its place among others that want processor and disk."""

import ctypes
import os
import platform
from pathlib import Path

_IOPRIO_GET = {"x86_64": 252, "aarch64": 31}


def standing() -> dict[str, int | None]:
    group = Path("/proc/self/autogroup")
    number = _IOPRIO_GET.get(platform.machine())
    return {
        "nice": os.getpriority(os.PRIO_PROCESS, 0),
        "autogroup": int(group.read_text().rpartition(" ")[2]) if group.exists() else None,
        "disk": ctypes.CDLL(None).syscall(number, 1, 0) if number is not None else None,
    }
