"""How the workshop starts kernels: clean, and at once.

Clean: Python, IPython and Matplotlib look into the folder that a kernel works in before they look anywhere else, and
what lies there may be anyone's. So they are imported elsewhere, and the folder is not in `sys.path`.

At once: kernels are forks of a process that has imported TensorFlow and the rest. Where anything is unusual, or
HANDWRITING_WARM_KERNELS is empty, a kernel is a new process, without a word.
"""

import json
import os
import socket
import sys
import tempfile
import threading
import uuid
from contextlib import suppress
from pathlib import Path

import psutil
from jupyter_client.provisioning import LocalProvisioner
from traitlets import Bool

from workshop.runs.warm_process import ADDRESS, MATPLOTLIB, read_early, start

LOCK = threading.Lock()
MODULE = ["-m", "ipykernel_launcher"]
LONGEST = 100  # bytes of a socket's path: systems take 104 to 108, and its number follows
#: What a kernel does instead of `python -m ipykernel_launcher`, which takes a file of that name in its folder.
START = """import os, sys
sys.path[:] = filter(None, sys.path)
try:
    import matplotlib
except ImportError:
    pass
from IPython.core.shellapp import InteractiveShellApp
from ipykernel import kernelapp
InteractiveShellApp.init_path = lambda app: None
try:
    os.chdir({folder!r})
except OSError:
    sys.exit()  # the process that asked for this kernel has stopped, and has removed its folder
sys.path += {path!r}
kernelapp.launch_new_instance()
"""


def provisioned(spec, warm=True, own=False):
    """Make Jupyter start kernels of this specification with `WarmProvisioner`; see there."""
    stanza = {"provisioner_name": "handwriting-warm", "config": {"warm": warm, "own": own}}
    spec.metadata = spec.metadata | {"kernel_provisioner": stanza}  # not in place: specifications are shared


class WarmProvisioner(LocalProvisioner):
    """Starts a kernel clean, and as a fork where that is possible."""

    warm = Bool(True, help="Whether the kernel may be a fork.")
    own = Bool(False, help="Whether modules in its folder can be imported, those of no installed package.")

    async def pre_launch(self, **kwargs):
        # A kernel's ports are chosen before it starts, and where many programs start, another one sometimes takes one
        # of them first (https://github.com/jupyter/jupyter_client/issues/487): names of files are its own.
        path = str(Path(tempfile.gettempdir(), f"kernel-{uuid.uuid4().hex}"))
        if os.name == "posix" and not self.parent.connection_file and len(os.fsencode(path)) < LONGEST:
            self.parent.connection_file, self.parent.transport, self.parent.ip = f"{path}.json", "ipc", path
        return await super().pre_launch(**kwargs)

    async def launch_kernel(self, cmd, **kwargs):
        words = [word for word in cmd if word != "-Xfrozen_modules=off"]
        if words[1:3] != MODULE:
            return await super().launch_kernel(cmd, **kwargs)
        folder, path = str(kwargs.get("cwd") or Path.cwd()), [""] * self.own
        environment = dict(kwargs.get("env") or os.environ) | MATPLOTLIB
        streams = [kwargs.get("stdout") or sys.__stdout__, kwargs.get("stderr") or sys.__stderr__]
        are_files = all(hasattr(stream, "fileno") for stream in streams)
        is_plain = are_files and not any(kwargs.get(name) for name in ("stdin", "independent"))
        is_this_python = sys.platform == "linux" and words[0] == sys.executable
        forks = is_plain and is_this_python and self.warm and environment.get(ADDRESS) != ""
        self.process = fork(words[2:], environment, folder, path, streams) if forks else None
        if self.process is None:
            place = cmd.index("-m")
            cmd = [*cmd[:place], "-c", START.format(folder=folder, path=path), *cmd[place + 2 :]]
            return await super().launch_kernel(cmd, **kwargs | {"cwd": sys.prefix, "env": environment})
        self.pid = self.pgid = self.process.pid
        self.cwd = folder
        return self.connection_info


class ForkedKernel(psutil.Process):
    """A kernel that is not a child of this process, with what Jupyter needs of a `subprocess.Popen`."""

    stdin = stdout = stderr = None

    def __init__(self, connection):
        super().__init__(int(connection.recv(20)))
        self.connection = connection

    def poll(self):
        with suppress(psutil.NoSuchProcess):
            if self.status() != psutil.STATUS_ZOMBIE:
                return None
        self.connection.close()
        return 1  # its status is known only where it was forked

    def send_signal(self, number):
        with suppress(psutil.NoSuchProcess):
            super().send_signal(number)

    def wait(self, timeout=None):
        self.connection.close()
        return 1


def fork(words, environment, folder, path, streams):
    """Return a `ForkedKernel` with these command line words and streams for output, or None if there can be none."""
    request = {"words": words, "environment": environment, "folder": folder, "path": path}
    for address in (lambda: environment.get(ADDRESS), lambda: own_address(read_early(environment))):
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with suppress(OSError, ValueError, psutil.Error):
            connection.settimeout(20)
            connection.connect(address() or "")
            socket.send_fds(connection, [json.dumps(request).encode()], [stream.fileno() for stream in streams])
            return ForkedKernel(connection)
        connection.close()
    return None


def own_address(early):
    """Return where a process with these variables forks kernels for this one; "" if it does not."""
    with LOCK:
        return start(early).address
