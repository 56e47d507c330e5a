"""This machine: its cores and its memory, how many notebooks it runs at once, and folders for a short time."""

import math
import os
import re
import shutil
import tempfile
import time
from contextlib import contextmanager, suppress
from pathlib import Path

#: Where Linux shows the control groups, by which containers are limited, and those of this process.
CGROUPS, MEMBERSHIP = Path("/sys/fs/cgroup"), Path("/proc/self/cgroup")
NOTEBOOK_MEMORY = 1.5e9  # bytes of memory for a notebook: a kernel's peak is about 0.9 GB with the default parameters


def cores(cgroups=CGROUPS, membership=MEMBERSHIP):
    """Return the number of cores that this process may use: by its container, its affinity and the machine."""
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    for group in control_groups("cpu", cgroups, membership):
        for names in (["cpu.max"], ["cpu.cfs_quota_us", "cpu.cfs_period_us"]):
            with suppress(OSError, ValueError):  # no such file, or the quota is "max"
                quota, period = map(int, " ".join((group / name).read_text() for name in names).split())
                if quota > 0 and period > 0:
                    allowed = min(allowed, math.ceil(quota / period))
    return max(1, allowed)


def concurrent_notebooks(per_core=1):
    """Return how many notebooks run at once: one per core, or more short ones, with 1.5 GB of memory for each."""
    return max(1, min(int(per_core * cores()), int(available_memory()[0] // NOTEBOOK_MEMORY)))


def available_memory(available=None, cgroups=CGROUPS, membership=MEMBERSHIP):
    """Return the bytes that programs may still take, and whether a container's limit is what leaves so few."""
    if available is None:
        import psutil  # here, so that the doctor can say that it is missing

        available = psutil.virtual_memory().available
    within_limits = min(memory_within_limits(cgroups, membership), default=available)
    return max(0, min(available, within_limits)), within_limits < available


def memory_within_limits(cgroups, membership):
    """Yield the bytes left in each control group around this process that has a limit."""
    for group in control_groups("memory", cgroups, membership):
        for names in (("memory.max", "memory.current"), ("memory.limit_in_bytes", "memory.usage_in_bytes")):
            with suppress(OSError, ValueError):  # no such file, or the limit is "max"
                limit, used = (int((group / name).read_text()) for name in names)
                # Cached copies of files count as used, but make way.
                cached = re.findall(r"(?m)^(?:total_)?inactive_file (\d+)", (group / "memory.stat").read_text())
                yield limit - used + max(map(int, cached), default=0)


def control_groups(controller, cgroups, membership):
    """Yield the folder of each control group around this process (Linux), of version 1 and 2."""
    for line in membership.read_text().splitlines() if membership.is_file() else []:
        _, controllers, path = line.split(":", 2)
        roots = ["", "unified"] if not controllers else [controller] * (controller in controllers.split(","))
        for root in roots:
            group = cgroups / root / path.lstrip("/")
            # A container often sees its own group at the top, whatever the path says: look all the way up.
            yield from [group, *group.parents]


def peak_memory(pid):
    """Return the peak memory of another process in MB (10^6 bytes), on macOS its current memory; None if it ended."""
    import psutil

    with suppress(OSError):  # not Linux, or it has ended
        peak = re.search(r"(?m)^VmHWM:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
        return round(int(peak[1]) * 1024 / 1e6) if peak else None
    with suppress(psutil.Error):
        memory = psutil.Process(pid).memory_info()
        return round(getattr(memory, "peak_wset", memory.rss) / 1e6)


#: In temporary folders, and nowhere else: a folder for people's runs has another lock, and is never removed.
LOCK = ".handwriting-temporary.lock"


@contextmanager
def temporary_folder(parent=None, prefix="handwriting-"):
    """Yield a new folder, removed at the end; and remove those of processes that were killed before they could."""
    from filelock import FileLock, Timeout

    for lock in Path(parent or tempfile.gettempdir()).glob(f"{prefix}{8 * '?'}/{LOCK}"):
        with suppress(OSError, Timeout):
            here = lock.lstat()
            mine = not hasattr(os, "getuid") or here.st_uid == lock.parent.lstat().st_uid == os.getuid()
            # Not at once: one that was made this moment may not be locked yet.
            if mine and time.time() - here.st_mtime > 3600:
                with FileLock(lock, timeout=0):
                    shutil.rmtree(lock.parent, ignore_errors=True)
    with (
        tempfile.TemporaryDirectory(prefix=prefix, dir=parent, ignore_cleanup_errors=True) as folder,
        FileLock(Path(folder, LOCK)),
    ):
        yield Path(folder)
