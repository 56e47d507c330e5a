"""What may be wrong with this machine: `handwriting doctor`.

A "problem" keeps the workshop from working. A "warning" does not: it goes on without a network, MNIST or widgets.
"""

import ast
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from textwrap import shorten

from platformdirs import user_cache_dir

from handwriting.data import cache, download
from handwriting.data.registry import FILES, mirrors
from handwriting.errors import DataError
from handwriting.text import clean, counted
from workshop import machine
from workshop.packages import INSTALL, PIP, cannot_load, needs

TIMEOUT = 60.0  # seconds for TensorFlow or a kernel to start; a cold disk is slow
STYLES = {"ok": "green", "warning": "yellow", "problem": "bold red"}
MULTIPLY = """
from handwriting.session import imported_fast
with imported_fast():
    import tensorflow as tf
    tf.keras.layers.Dense
product = tf.matmul(tf.ones((2, 3)), tf.ones((3, 2))).numpy().tolist()
assert product == [[3, 3], [3, 3]], f"wrong result: {product}"
print(tf.__version__, "computes on", "a GPU" if tf.config.list_physical_devices("GPU") else "the processor")
"""

#: What TensorFlow's last message contains, and what to do then; the first that fits counts.
TENSORFLOW_REMEDIES = {
    r"illegal instruction|0xc000001d|\bAVX": "This processor lacks instructions that TensorFlow needs (AVX). "
    "Use another computer, or Google Colab.",
    "killed|memory|bad_alloc": "Memory ran out. Close other programs and run this again.",
    "no module named 'tensorflow'": f"Run: {PIP} tensorflow",
    "DLL load failed": "Install the Microsoft Visual C++ Redistributable, then run this again.",
    "": f"Run: {PIP} --force-reinstall tensorflow",
}


@dataclass
class Check:
    """What one check found: `state` is "ok", "warning" or "problem"; `remedy` is empty when all is well."""

    name: str
    state: str
    found: str
    remedy: str = ""


def examine(timeout=TIMEOUT, only=None):
    """Check everything, or what `only` names, side by side; no check raises an error or waits over `timeout` s."""
    checks = {
        "memory": check_memory,  # first, before TensorFlow and a kernel take some
        "Python": check_python,
        "packages": lambda: check_packages("problem", [*needs("handwriting"), *needs("handwriting", "run")], timeout),
        "JupyterLab": lambda: check_packages("warning", needs("handwriting", "lab"), timeout),
        "widgets": lambda: check_packages("warning", needs("ipywidgets"), timeout),
        "server": lambda: check_packages("warning", needs("handwriting", "serve"), timeout),
        "TensorFlow": lambda: check_tensorflow(timeout),
        "kernel": lambda: check_kernel(timeout),
        "settings": check_settings,
        "this folder": lambda: check_folder(Path.cwd(), "problem", "Free some space, or work in a folder of your own."),
        "cache": check_cache,
        "MNIST": check_mnist,
        "stand-in": check_standin,
        "network": check_network,
    }
    names = [name for name in checks if only is None or name in only]
    with ThreadPoolExecutor(len(checks)) as pool:
        return list(pool.map(lambda name: guarded(name, checks[name]), names))


def guarded(name, check):
    """Run one check; an error in it becomes a problem."""
    try:
        return Check(name, *check())
    except Exception as error:
        remedy = "The check itself failed. Report this line to the person who gave you the workshop."
        if isinstance(error, ImportError):
            package = (error.name or "").partition(".")[0]
            remedy = f"Run: {PIP} --force-reinstall {package}" if package else "Delete .venv and set up again: make run"
        return Check(name, "problem", shorten(f"{type(error).__name__}: {error}", 200), remedy)


def check_python(python=sys.version_info):
    found = f"{'.'.join(map(str, python[:3]))}, {sys.executable}"
    if (3, 10) <= tuple(python[:2]) <= (3, 13):
        return "ok", found
    remedy = "Install Python 3.12, delete .venv, and run: make PYTHON=python3.12 run"
    return "problem", f"{found}; the workshop needs 3.10 to 3.13", remedy


def check_packages(worst, needed, timeout):
    bad = [(wanted, found) for wanted, found, fits in needed if not fits]
    names = [re.match(r"[\w.-]+", wanted)[0] for wanted, *_ in needed]
    if not bad and (broken := cannot_load([name for name in names if name not in ("tensorflow", "keras")], timeout)):
        listed = "; ".join(f"{name} cannot be loaded ({reason})" for name, reason in broken.items())
        return worst, shorten(f"{listed}.", 400), f"Run: {PIP} --force-reinstall {' '.join(broken)}"
    if not bad:
        return "ok", f"{counted(len(needed), 'package')}, recent enough"
    remedy = f"Run: {PIP} --upgrade " + " ".join(f'"{wanted}"' for wanted, _ in bad)
    if "handwriting" in dict(bad):
        remedy = INSTALL
    missing = ", ".join(f"{wanted} is needed, {found or 'none'} is installed" for wanted, found in bad)
    return worst, f"{missing}.", remedy


def check_tensorflow(timeout):
    """Check that TensorFlow starts, in another process, since it can end the whole process."""
    start = time.monotonic()
    quiet = os.environ | {"TF_CPP_MIN_LOG_LEVEL": "3"}
    command = [sys.executable, "-c", MULTIPLY]
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, errors="replace", timeout=timeout, env=quiet, cwd=sys.prefix
        )
    except subprocess.TimeoutExpired:
        return "problem", f"It did not start within {timeout:.0f} s.", "Close other programs and run this again."
    if done.returncode == 0:
        return "ok", f"{essence(done.stdout)}; started in {time.monotonic() - start:.1f} s"
    end = f"exit status {done.returncode:#x}" if done.returncode != 1 else ""
    if done.returncode < 0:  # a signal; Windows has large numbers instead
        end = signal.strsignal(-done.returncode)
    found = ": ".join(filter(None, ["It does not start", end, essence(done.stderr)]))
    remedy = next(remedy for pattern, remedy in TENSORFLOW_REMEDIES.items() if re.search(pattern, found, re.I))
    return "problem", found, remedy


def essence(text):
    """Return the last line that names an error, else the last that is not a warning. (TensorFlow adds advice below.)"""
    lines = [line.strip() for line in text.splitlines() if line.strip() and "WARNING" not in line]
    errors = [line for line in lines if re.match(r"[\w.]+Error: ", line)]
    return (errors or lines or [""])[-1]


def check_kernel(timeout):
    """Check that the kernel that the notebooks name starts and computes; it never stays behind."""
    from jupyter_client import KernelManager
    from jupyter_client.kernelspec import NoSuchKernel

    from workshop.runs.warm_kernels import provisioned

    manager, client = KernelManager(kernel_name="python3"), None
    remedy = f"Run: {PIP} --force-reinstall ipykernel"
    try:
        folder = Path(manager.kernel_spec.resource_dir)
    except NoSuchKernel:
        return "problem", "There is no kernel called python3.", remedy
    if "kernels" in folder.parts and Path(sys.prefix) not in folder.parents:
        remedy = f"Remove {folder}: it hides this Python's own kernel."
    provisioned(manager.kernel_spec, warm=False)
    with tempfile.TemporaryFile("w+", errors="replace") as errors:
        try:
            manager.start_kernel(stdout=subprocess.DEVNULL, stderr=errors)
            client = manager.blocking_client()
            client.start_channels()
            client.wait_for_ready(timeout=timeout)
            ask = {"both": "(1 + 1, __import__('sys').prefix)"}
            reply = client.execute("", store_history=False, user_expressions=ask, reply=True, timeout=timeout)
            two, prefix = ast.literal_eval(reply["content"]["user_expressions"]["both"]["data"]["text/plain"])
        except Exception as error:
            errors.seek(0)
            return "problem", f"It does not start: {essence(errors.read()) or error}", remedy
        finally:
            if client:
                client.stop_channels()
            if manager.has_kernel:
                manager.shutdown_kernel(now=True)
    if Path(prefix).resolve() != Path(sys.prefix).resolve():
        return "warning", f"It runs another Python, in {prefix}: the notebooks may not find the workshop.", remedy
    return "ok", f"It runs this Python, and computes 1 + 1 = {two}."


def check_settings():
    """Name unusual settings of Keras, Matplotlib and IPython; the lessons set what they need."""
    home, environment = Path.home(), os.environ
    ipython = Path(environment.get("IPYTHONDIR") or home / ".ipython") / "profile_default"
    config = Path(environment.get("XDG_CONFIG_HOME") or home / ".config") / "matplotlib"
    if sys.platform != "linux":
        config = home / ".matplotlib"
    places = [".", environment.get("MATPLOTLIBRC") or ".", environment.get("MPLCONFIGDIR") or config]
    files = [place / "matplotlibrc" if place.is_dir() else place for place in map(Path, places)]
    files += [*ipython.glob("startup/*.*py"), *ipython.glob("ipython*_config.*")]
    keras = Path(environment.get("KERAS_HOME") or home / ".keras") / "keras.json"
    usual = {"image_data_format": "channels_last", "backend": "tensorflow", "floatx": "float32"}
    with suppress(OSError, ValueError, AttributeError):  # Keras goes on without a file that it cannot read
        chosen = json.loads(keras.read_text(encoding="utf-8", errors="replace")) if keras.is_file() else {}
        files += [keras] * any(chosen.get(name, value) != value for name, value in usual.items())
    found = [str(path) for path in dict.fromkeys(files) if path.is_file()]
    if environment.get("KERAS_BACKEND", "tensorflow") != "tensorflow":
        found.insert(0, f"KERAS_BACKEND={environment['KERAS_BACKEND']}")
    if not found:
        return "ok", "Keras, Matplotlib and IPython use their defaults"
    remedy = "If notebooks fail or look different, move these files elsewhere and unset these variables."
    return "warning", f"not the defaults: {', '.join(found)}", remedy


def check_memory(available=None, limited=False):
    if available is None:
        available, limited = machine.available_memory()
    found = f"{available / 1e9:.1f} GB available{', within the limit of a container' * limited}"
    if available >= machine.NOTEBOOK_MEMORY:
        return "ok", found
    remedy = "Close other programs and notebooks, and run one notebook at a time: handwriting run --workers 1"
    return "problem" if available < 0.8e9 else "warning", f"{found}; a notebook needs up to 1.7 GB", remedy


def check_cache():
    """Check that data can be kept. Where not, it stays in memory, so this is a warning at worst."""
    remedy = (
        "Free some space, or set HANDWRITING_CACHE to a folder of your own. Until then, data is kept in memory only."
    )
    chosen = os.environ.get("HANDWRITING_CACHE") or user_cache_dir("handwriting")
    folder = cache.cache_folder()
    return check_folder(folder, "warning", remedy) if folder else ("warning", f"{chosen} cannot be written to.", remedy)


def check_folder(folder, worst, remedy):
    try:
        with tempfile.TemporaryFile(dir=folder) as probe:
            probe.write(bytes(65536))
    except OSError as error:
        return worst, f"{folder} cannot be written to ({error.strerror}).", remedy
    free = shutil.disk_usage(folder).free / 1e9
    state = "ok" if free >= 0.5 else "warning" if free >= 0.05 else worst
    return state, f"{free:.2f} GB free in {folder}", "" if state == "ok" else remedy


def check_mnist():
    broken = []
    contents = cache.read_local("mnist", lambda sentence: broken.append(sentence.partition(";")[0].rstrip(".")))
    if contents and not broken:
        return "ok", f"complete, {sum(map(len, contents.values())) / 1e6:.0f} MB"
    remedy = "Run: handwriting data fetch mnist. Without it, the stand-in is used instead."
    if any("ermission" in one for one in broken):
        remedy = "Ask the person who put it there to make it readable, or set HANDWRITING_CACHE to your own folder."
    if contents:
        remedy = "Delete this file. A complete copy elsewhere is used instead."
    folders = " or ".join(map(str, cache.data_folders("mnist")))
    return "warning", f"{'; '.join(broken) or f'not in {folders}' if folders else 'not on this machine'}.", remedy


def check_standin():
    """Check that the stand-in is drawn, and whole; if not, a notebook draws it when it needs it."""
    from handwriting.load import standin_status

    row = standin_status()
    if row["state"] in ("broken", "unreadable"):
        fault = "is damaged" if row["state"] == "broken" else "may not be read"
        return "warning", f"{row['path']} {fault}; it will be drawn again.", "Run: handwriting data fetch stand-in"
    return "ok", "complete" if row["state"] == "whole" else "not drawn yet; drawing it takes a few seconds"


def check_network():
    """Check that a mirror of MNIST answers; `find_mirrors` gives up after some seconds."""
    smallest = next(file for file in FILES["mnist"] if "labels" in file)
    try:
        answering, reasons = download.find_mirrors(mirrors("mnist"), smallest)
    except DataError as error:
        return "warning", str(error), "Set HANDWRITING_MIRROR to an address such as http://server/path, or unset it."
    if answering:
        return "ok", f"{download.host(answering[0])} responds"
    if cache.is_available("mnist"):
        return "ok", f"{'; '.join(reasons)}. No connection is needed: MNIST is on this machine."
    remedy = "To download MNIST, connect to the internet. Without it, the stand-in is used instead."
    if re.search("proxy|certificate", " ".join(reasons)):
        remedy = "Set https_proxy=http://host:port as your network's administrators say."
    return "warning", f"{'; '.join(reasons)}.", remedy


def as_json(checks):
    """Return the checks as JSON: {"ok": true if nothing is a problem, "checks": [{name, state, found, remedy}]}."""
    ok = all(check.state != "problem" for check in checks)
    return json.dumps({"ok": ok, "checks": [asdict(check) for check in checks]}, indent=2)


def report(console, as_data=False):
    """Check everything and show it on a console, or print it as JSON and nothing else; return the exit status."""
    from rich.table import Column, Table
    from rich.text import Text

    with nullcontext() if as_data else console.status("Checking this machine; this takes a few seconds ..."):
        checks = examine()
    states = [check.state for check in checks]
    if as_data:
        print(as_json(checks))
        return int("problem" in states)
    table = Table("check", "state", Column("what was found, and what to do", overflow="fold"), box=None)
    for check in checks:  # a remedy is below what was found
        found = Text(clean(check.found, None)).append(f"\n{check.remedy}" if check.remedy else "", style="bold")
        table.add_row(check.name, Text(check.state, style=STYLES[check.state]), found)
    console.print(table)
    advice = "Fix these problems first." if "problem" in states else "The workshop works on this machine."
    console.print(f"\n{', '.join(f'{state}: {states.count(state)}' for state in STYLES)}. {advice}")
    return int("problem" in states)
