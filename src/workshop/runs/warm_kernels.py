"""Kernels that start at once: forks of a process that has imported TensorFlow and the rest.

Where anything is unusual, or HANDWRITING_WARM_KERNELS is empty, kernels start as Jupyter starts them, without a word.
"""

import json
import os
import socket
import sys
import threading
from contextlib import suppress
from pathlib import Path

import psutil
from jupyter_client.provisioning import LocalProvisioner

from workshop.runs.warm_process import ADDRESS, read_early, start

__all__ = ["WarmProvisioner"]

LOCK = threading.Lock()


class WarmProvisioner(LocalProvisioner):
    """Starts a kernel as a fork where that is possible, and as Jupyter does where not."""

    async def launch_kernel(self, cmd, **kwargs):
        words = [word for word in cmd if word != "-Xfrozen_modules=off"]
        usual = sys.platform == "linux" and words[:3] == [sys.executable, "-m", "ipykernel_launcher"]
        if not usual or any(kwargs.get(name) for name in ("stdin", "stdout", "stderr", "independent")):
            return await super().launch_kernel(cmd, **kwargs)
        folder, environment = str(kwargs.get("cwd") or Path.cwd()), dict(kwargs.get("env") or os.environ)
        self.process = fork(words[2:], environment, folder) if environment.get(ADDRESS) != "" else None
        if self.process is None:
            return await super().launch_kernel(cmd, **kwargs)
        self.pid = self.pgid = self.process.pid
        self.cwd = folder
        return self.connection_info


class ForkedKernel(psutil.Process):
    """A kernel that is no child of this process, with what Jupyter needs of a `subprocess.Popen`."""

    stdin = stdout = stderr = None

    def __init__(self, connection):
        super().__init__(int(connection.recv(20)))
        self.connection = connection

    def poll(self):
        with suppress(psutil.NoSuchProcess):
            if self.status() != psutil.STATUS_ZOMBIE:
                return None
        return 1  # its status is known only where it was forked

    def send_signal(self, number):
        with suppress(psutil.NoSuchProcess):
            super().send_signal(number)

    def wait(self, timeout=None):
        self.connection.close()
        return 1


def fork(words, environment, folder):
    """Return a `ForkedKernel` with these command line words, or None if there can be none."""
    request = {"words": words, "environment": environment, "folder": folder}
    for address in (lambda: environment.get(ADDRESS), lambda: own_address(read_early(environment))):
        with suppress(OSError, ValueError, psutil.Error):
            connection = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            connection.settimeout(20)
            connection.connect(address() or "")
            socket.send_fds(connection, [json.dumps(request).encode()], [1, 2])
            return ForkedKernel(connection)
    return None


def own_address(early):
    """Return where a process with these variables forks kernels for this one; "" if it does not."""
    with LOCK:
        return start(early).address
