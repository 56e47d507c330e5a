"""Serve a network: to a class with `handwriting serve`, from a notebook with `start`.

The rooms behind it are in `workshop.serve`.
"""

import asyncio
import atexit
import contextlib
import logging
import re
import signal
import socket
import threading
from collections import deque
from pathlib import Path

from handwriting.errors import UserError

__all__ = ["Running", "UserError", "serve", "start"]

LOOPBACK = ("127.0.0.1", "localhost", "::1")
GRACE = 20  # seconds for requests that are being answered when the server is told to stop
_running = None


def serve(model_path, host="127.0.0.1", port=8000, say=print, name="digits", class_names=None):
    """Serve a network until SIGTERM or Ctrl-C; requests that are being answered are answered first.

    Parameters
    ----------
    model_path : str or path
        A `.keras` file, a folder with "network.keras", or a folder that `handwriting.share.export_serving` wrote.
        A newer version that appears there replaces the old one while requests go on.
    host : str
        The address to listen on; "0.0.0.0" for all of this machine's.
    port : int
        0 for any that is free.
    say : callable
        Gets a sentence for whatever the person at the keyboard should know.
    name : str
        What the network is called in addresses: /v1/models/NAME:predict
    class_names : sequence of str, optional
        By default those kept with the network, else "0", "1", "2" and so on.

    Raises
    ------
    UserError
        If there is no network, the port is taken, or a package is missing.
    """
    check_name(name)
    check_packages()
    if threading.current_thread() is not threading.main_thread() or asyncio._get_running_loop() is not None:
        raise UserError("This waits for a signal, which works in a program only. In a notebook, use start.")
    listener = listen(host, port)  # first: a port that is taken need not wait for TensorFlow
    with contextlib.closing(listener):
        server = make_server(open_shelf(model_path, class_names, say), name)
        url = url_of(listener)
        say(f"Serving {model_path} at {url} (the API: {url}/docs). Ctrl-C stops it.")
        if host not in LOOPBACK:
            say("Everybody in this network can reach it. Without --host, only this machine can.")
        before = {number: signal.signal(number, server.handle_exit) for number in (signal.SIGTERM, signal.SIGINT)}
        try:
            server.run(sockets=[listener])
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
    say("Stopped.")


def start(model=None, port=0, host="127.0.0.1", name="digits", class_names=None):
    """Start a server in the background of a notebook or program.

    There is one at a time: a second start stops the first, so the cell can be run twice.

    Parameters
    ----------
    model : keras.Model, other object with `input_shape` and `predict`, or a path as for `serve`
        By default the trained network that comes with the workshop.
    port : int
        0 for any that is free; the one before is used again if it can be.
    host, name, class_names : as for `serve`

    Returns
    -------
    Running
        With its address, and `stop()`.

    Raises
    ------
    UserError
        As `serve`.
    """
    global _running
    check_name(name)
    check_packages()
    messages = deque(maxlen=100)
    server = make_server(open_shelf(model, class_names, messages.append), name)
    before = _running.port if _running else 0
    listener = None if before and port in (0, before) else listen(host, port)
    if _running:  # it goes on if anything was wrong until here
        _running.stop()
    if listener is None:
        try:
            listener = listen(host, before)
        except UserError:
            if port:
                raise
            listener = listen(host, 0)
    _running = Running(server, listener, messages)
    return _running


class Running:
    """A server in the background.

    Attributes
    ----------
    url : str
        Its address.
    port : int
    messages : deque of str
        What it had to say, such as that a new version was loaded.
    """

    def __init__(self, server, listener, messages):
        self.url, self.port, self.messages = url_of(listener), listener.getsockname()[1], messages
        self.server = server
        self.thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True, name="server")
        self.thread.start()
        while self.thread.is_alive() and not server.started:
            self.thread.join(0.01)
        if not server.started:
            listener.close()
            raise UserError("The server ended before it answered. Restart the notebook, and start it again.")
        atexit.register(self.stop)

    def __repr__(self):
        state = "at the address in .url; .stop() stops it" if self.thread.is_alive() else "stopped"
        return f"<A server that reads handwriting, {state}>"

    def stop(self):
        """Stop it, when the requests that are being answered are answered; may be called again."""
        self.server.should_exit = True
        self.thread.join(GRACE + 5)
        atexit.unregister(self.stop)


def open_shelf(model, class_names, say):
    """What is to be served, loaded: from a path with a look-out for newer versions, or from memory."""
    from handwriting.session import quiet_tensorflow

    quiet_tensorflow()
    from workshop.serve.network import network_of
    from workshop.serve.versions import Shelf, Source

    if isinstance(model, (str, Path)):
        return Shelf.open(Source(model, class_names), say)
    if model is None:
        from handwriting.models.pretrained import pretrained_network

        model = pretrained_network()
    return Shelf(network_of(model, class_names), say=say)


def make_server(shelf, name):
    """A uvicorn server that is ready to run, and leaves signals to others."""
    import uvicorn

    from workshop.serve.app import make_app
    from workshop.serve.front import FrontPage
    from workshop.serve.protocol import PatientProtocol

    logging.getLogger("python_multipart").setLevel("CRITICAL")  # as below: a bad request is the client's to know

    class Server(uvicorn.Server):
        @contextlib.contextmanager
        def capture_signals(self):
            yield  # uvicorn would raise the signal again when all is done

    config = uvicorn.Config(
        make_app(shelf, name, FrontPage(shelf)),
        http=PatientProtocol,
        ws="none",
        loop="asyncio",
        log_config=None,
        log_level="critical",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=20,
        timeout_graceful_shutdown=GRACE,
    )
    return Server(config)


def check_packages():
    """Look for them before a network is loaded, which takes seconds."""
    try:
        import fastapi  # noqa: F401
        import python_multipart  # noqa: F401
        import uvicorn  # noqa: F401
    except ModuleNotFoundError as missing:
        raise UserError(
            f'Serving needs the package "{missing.name}". Install all three: '
            "pip install fastapi python-multipart uvicorn"
        ) from None


def check_name(name):
    """A model's name stands in addresses."""
    if not isinstance(name, str) or not re.fullmatch(r"[A-Za-z0-9_-]{1,64}", name):
        raise UserError(f"{name!r} cannot be a model's name. Take letters, digits, - and _, such as digits.")


def listen(host, port):
    """Take a port.

    Returns
    -------
    socket.socket

    Raises
    ------
    UserError
        If there is no such address or port, or it is taken.
    """
    if isinstance(port, bool) or not isinstance(port, int) or not 0 <= port <= 65_535:
        raise UserError(f"The port is a whole number from 0 to 65535, such as 8000, not {port!r}.")
    if not isinstance(host, str):
        raise UserError(f"The host is an address, such as 127.0.0.1, not {host!r}.")
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        # Where it is Unix, a port that was given up a moment ago can be had again; create_server knows where.
        return socket.create_server((host, port), family=family, backlog=1024)
    except (OSError, UnicodeError) as error:
        if isinstance(error, (socket.gaierror, UnicodeError)):
            raise UserError(f"{host!r} is no address of this machine. Take 127.0.0.1, or 0.0.0.0 for all.") from None
        why = error.strerror or str(error)
        raise UserError(f"Port {port} at {host} cannot be had ({why}). Name another, or 0 for any free one.") from None


def url_of(listener):
    """The address to put into a browser."""
    host, port = listener.getsockname()[:2]
    if host in ("0.0.0.0", "::"):  # noqa: S104  (asked for by name)
        host = own_address()
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def own_address():
    """This machine's address in its network; nothing is sent to find it out."""
    with contextlib.suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect(("192.0.2.1", 9))  # an address that is kept for documents (RFC 5737)
        return probe.getsockname()[0]
    return "127.0.0.1"
