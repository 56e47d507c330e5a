"""This machine: its cores and its memory, and how many notebooks it runs at once."""

import os
import re
from pathlib import Path

__all__ = ["available_memory", "concurrent_notebooks", "cores", "peak_memory"]

#: Bytes of memory for a notebook: a kernel's peak is about 0.9 GB with the default parameters.
NOTEBOOK_MEMORY = 1.5e9


def cores():
    """Return the number of cores."""
    return os.cpu_count() or 1


def concurrent_notebooks(per_core=1):
    """Return how many notebooks run at once: one per core, as long as there are 1.5 GB of memory for each.

    Short runs mostly wait, or prepare what one core computes: of these, there may be more per core.
    """
    return max(1, min(int(per_core * cores()), int(available_memory()[0] // NOTEBOOK_MEMORY)))


def available_memory(available=None, cgroups=Path("/sys/fs/cgroup"), membership=Path("/proc/self/cgroup")):
    """Return the bytes that programs may still take, and whether a container's limit is what leaves so few.

    The arguments are for tests: what the system has available, and where Linux shows the control groups.
    """
    if available is None:
        import psutil  # here, so that the doctor can say that it is missing

        available = psutil.virtual_memory().available
    within_limits = min(memory_within_limits(cgroups, membership), default=available)
    return max(0, min(available, within_limits)), within_limits < available


def memory_within_limits(cgroups, membership):
    """Yield the bytes left in each control group around this process (Linux) that has a limit."""
    files = {"": ("memory.max", "memory.current"), "memory": ("memory.limit_in_bytes", "memory.usage_in_bytes")}
    for line in membership.read_text().splitlines() if membership.is_file() else []:
        _, controller, path = line.split(":", 2)
        group = cgroups / controller / path.lstrip("/")
        # A container often sees its own group at the top, whatever the path says: look all the way up.
        for folder in [group, *group.parents] if controller in files else []:
            try:
                limit, used = (int((folder / name).read_text()) for name in files[controller])
                statistics = (folder / "memory.stat").read_text()
            except (OSError, ValueError):  # no such file, or the limit is "max"
                continue
            # Cached copies of files count as used, but make way.
            cached = re.findall(r"^(?:total_)?inactive_file (\d+)", statistics, re.MULTILINE)
            yield limit - used + max(map(int, cached), default=0)


def peak_memory(pid):
    """Return the most megabytes (10^6 bytes) that another process has held at once; None if it has ended.

    On macOS, what it holds now.
    """
    import psutil

    try:
        peak = re.search(r"^VmHWM:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text(), re.MULTILINE)
        return round(int(peak[1]) * 1024 / 1e6) if peak else None
    except OSError:  # not Linux, or it has ended
        pass
    try:
        memory = psutil.Process(pid).memory_info()
    except psutil.Error:
        return None
    return round(getattr(memory, "peak_wset", memory.rss) / 1e6)
