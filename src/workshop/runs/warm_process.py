"""A process that has imported what notebooks import, and computed nothing: kernels are forked from it.

`start` starts it, `serve` is what it does, and `workshop.runs.warm_kernels` asks it for kernels. A forked kernel lives
as long as the connection of the process that asked for it.
"""

import atexit
import json
import os
import random
import re
import selectors
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from contextlib import suppress
from functools import cache, cached_property
from importlib.util import find_spec
from pathlib import Path

ADDRESS = "HANDWRITING_WARM_KERNELS"  # tells a kernel where kernels are forked, for those that it starts itself
#: Variables that are read when Python starts or a package is imported: a fork would miss a change.
READ_EARLY = re.compile(
    "(PYTHON|LD_|LC_|LANG|HOME$|XDG_|MALLOC_|GLIBC_|OMP_|KMP_|MKL_|OPENBLAS_|GOTO_|BLIS_|NUMEXPR_|TF_(?!CPP_MIN)|XLA_"
    "|ONEDNN_|DNNL_|KERAS_|CUDA_|NVIDIA_|HIP_|ROCR_|MPLCONFIGDIR$)"
)
BACKEND = ("KERAS_BACKEND", "tensorflow")
#: Makes Matplotlib read its own settings, not those of a person or a folder, and draw below the cells.
MATPLOTLIB = {
    "MATPLOTLIBRC": str(Path(find_spec("matplotlib").origin).with_name("mpl-data") / "matplotlibrc"),
    "MPLBACKEND": "module://matplotlib_inline.backend_inline",
}
#: With `-c`, Python looks for modules in the folder it is started in; this process does not.
COMMAND = "import sys; sys.path[:] = filter(None, sys.path); from workshop.runs.warm_process import serve; serve()"


def read_early(environment):
    """Return the variables, as pairs, that a kernel must share with the process that it is forked from."""
    # Every kernel sets its own KERAS_BACKEND to what it is already, and passes it on to those that it starts.
    return tuple(sorted({pair for pair in environment.items() if READ_EARLY.match(pair[0])} - {BACKEND}))


class WarmProcess(subprocess.Popen):
    """Such a process; it ends when this process ends."""

    @cached_property
    def address(self):
        """Where it forks kernels, once it has imported all; "" where it does not, because there is a GPU."""
        return self.stdout.readline().decode().strip()

    def stop(self):
        """End it, with all kernels that it has forked."""
        if "address" not in vars(self):
            self.kill()  # it may still import, and need seconds to notice
        self.communicate()


@cache
def start(early):
    """Start a process with these variables, once; return it as a `WarmProcess`."""
    environment = {name: text for name, text in os.environ.items() if not READ_EARLY.match(name)}
    environment |= dict(early) | MATPLOTLIB
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
    folder = tempfile.mkdtemp(prefix="handwriting-")
    command = [sys.executable, "-c", COMMAND, folder]
    process = WarmProcess(command, **pipes, env=environment, cwd="/", start_new_session=True)
    atexit.register(shutil.rmtree, folder, ignore_errors=True)  # after `stop`: the last one is called first
    atexit.register(process.stop)
    return process


def is_at_hand():
    """Return whether kernels are forked for this process already, by a process that another one started."""
    return bool(os.environ.get(ADDRESS))


def start_early():
    """Start the process that this one will ask for kernels, unless it will ask another one, or none."""
    if sys.platform == "linux" and ADDRESS not in os.environ:
        start(read_early(os.environ))


def serve():
    """Import what notebooks import, and fork kernels until stdin ends; each fork returns when its kernel has ended."""
    from handwriting.session import device, imported_fast

    if device() != "CPU":
        return
    given = dict(os.environ)
    os.environ["JPY_PARENT_PID"] = str(os.getpid())  # ipykernel reads it when it is imported
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ.setdefault(*BACKEND)
    with imported_fast():
        import anywidget  # noqa: F401
        import matplotlib.pyplot
        import numpy
        import tensorflow
        from ipykernel import kernelapp
        from IPython.core.shellapp import InteractiveShellApp

    tensorflow.get_logger().setLevel("ERROR")
    made = {name: text for name, text in os.environ.items() if given.get(name) != text}
    request, streams, connection = wait_for_requests(given, made)
    os.setsid()
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    tempfile.tempdir = str(Path(made[ADDRESS]).parent)  # kernels are killed; what they leave goes with this process
    os.chdir(request["folder"])
    sys.path += request["path"]
    InteractiveShellApp.init_path = lambda app: None  # else it adds the folder
    os.environ.clear()
    os.environ.update(request["environment"] | made)
    sys.argv = request["words"]
    matplotlib.rcParams["backend"] = os.environ.setdefault("MPLBACKEND", "module://matplotlib_inline.backend_inline")
    random.seed()
    numpy.random.seed()
    tensorflow.zeros(1)  # starts the devices, which writes messages: before the streams are those of the kernel
    for target, stream in enumerate(streams, start=1):
        os.dup2(stream, target)
        os.close(stream)
    with connection:
        connection.send(str(os.getpid()).encode())
    kernelapp.launch_new_instance()


def wait_for_requests(given, made):
    """Fork for each request; return in the fork what was asked for. `made` is what imports changed in `given`."""
    folder = sys.argv[1]
    made[ADDRESS] = f"{folder}/kernels"
    selector, listener = selectors.DefaultSelector(), socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    listener.bind(made[ADDRESS])
    listener.listen()
    selector.register(listener, selectors.EVENT_READ)
    selector.register(sys.stdin, selectors.EVENT_READ)
    with suppress(BrokenPipeError):  # the process that asked was killed meanwhile, and stdin says so
        print(made[ADDRESS], flush=True)
    while True:
        for key, _ in selector.select():
            if key.fileobj is listener:
                connection = listener.accept()[0]
                with suppress(OSError, ValueError):
                    connection.settimeout(5)
                    message, streams, *_ = socket.recv_fds(connection, 2**20, 2)
                    request = json.loads(message)
                    if read_early(request["environment"]) == read_early(given):
                        pid = os.fork()
                        if not pid:
                            for other in selector.get_map().values():
                                os.close(other.fd)
                            selector.close()
                            return request, streams, connection
                        selector.register(connection, selectors.EVENT_READ, pid)
                    else:
                        connection.close()  # at once: the other side waits
                    for stream in streams:
                        os.close(stream)
            elif key.fileobj is sys.stdin:
                for pid in filter(None, [other.data for other in selector.get_map().values()]):
                    end(pid)
                shutil.rmtree(folder, ignore_errors=True)
                os._exit(0)
            else:  # nobody needs this kernel any more
                selector.unregister(key.fileobj)
                key.fileobj.close()
                end(key.data)


def end(pid):
    with suppress(OSError):
        os.killpg(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
