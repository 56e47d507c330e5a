"""Serve a network: to a class with `serve`, until Ctrl-C; from a notebook with `start`, in the background."""

import atexit
import contextlib
import errno
import os
import signal
import socket
import sys
import threading
from collections import deque
from functools import partial
from operator import itemgetter

from handwriting.arguments import TEXT, whole
from handwriting.errors import UserError
from handwriting.session import quiet_tensorflow
from handwriting.text import clean, shown
from workshop.packages import needed
from workshop.serve.addresses import ALL, own_address, qr_text, url_for, url_for_others

CONNECTIONS = 512  # at once
IDLE = 20  # seconds that a connection may stay open between two requests
GRACE = 15  # seconds for requests that are being answered when the server stops
ENDING = 20  # seconds from the signal to the end of the process
#: No other page shows this server's in a frame, in which people would click on what they do not see.
HEADERS = [("X-Frame-Options", "DENY"), ("Content-Security-Policy", "frame-ancestors 'none'")]
HEADERS += [("X-Content-Type-Options", "nosniff")]


def serve(path, host="127.0.0.1", port=8000, log=print, allow_hosts=(), trust_graph=False):
    """Serve a network until SIGTERM or Ctrl-C; requests that came before are still answered.

    The arguments are those of `handwriting serve`; `log` takes a sentence for whatever the person at the keyboard
    should know. UserError is raised if there is no network, the port is taken, or a package is missing.
    """
    log = partial(say, log)
    # A port that is taken need not wait for TensorFlow.
    with contextlib.suppress(KeyboardInterrupt), contextlib.closing(listen(host, port)) as listener:
        signal.signal(signal.SIGTERM, partial(leave, log))  # an exception may be lost where TensorFlow is imported
        server, found = make_server(path, None, log, host, allow_hosts, trust_graph)
        signal.signal(signal.SIGTERM, signal.default_int_handler)  # uvicorn raises its signals again when it is done
        address, port = listener.getsockname()[:2]
        url = url_for(address, port)
        log(f"Serving {clean(str(found or path), None)} at {url} (the API: {url}/docs). Ctrl-C stops it.")
        if url_for_others("http://localhost", address, port):
            log("Everyone on this network can reach it. Without --host, only this machine can.")
            log(f"Its QR code for a projector: {url}/qr")
            if sys.stdout.isatty():
                log(qr_text(url))
        elif address in ALL:
            log("No other machine can reach it: this one is not connected to a network now.")
        server.handle_exit = ending(server, log)
        server.run(sockets=[listener])
    log("Stopped.")


def say(log, sentence):
    """Log a sentence if that is possible: a server goes on when nobody reads its output any more, or a disk is full."""
    with contextlib.suppress(OSError, ValueError, SystemExit):  # Rich would end the program
        log(sentence)


def leave(log, *_):
    """End this process at once; also a signal's handler."""
    log("Stopped, while a network was still being loaded or used.")
    with contextlib.suppress(OSError, ValueError):
        sys.stdout.flush()
    os._exit(0)


def ending(server, log):
    """Return what uvicorn does on a signal; it also ends the process later, if a thread never comes to its end."""
    stop = server.handle_exit  # Python itself would wait for the thread that loads or asks a network

    def handle(number, frame):
        timer = threading.Timer(ENDING, leave, [log])
        timer.daemon = True
        timer.start()
        stop(number, frame)

    return handle


def start(model=None, port=0, host="127.0.0.1", class_names=None, allow_hosts=(), trust_graph=False):
    """Start a server in the background of a notebook or program.

    There is one at a time: a second start stops the first and takes its address, so the cell can be run twice.
    In a script, call it under `if __name__ == "__main__":`, because photos are scanned in a separate process.

    Parameters
    ----------
    model : keras.Model, other object with `input_shape` and `predict`, or path
        By default the trained network that comes with the workshop. A path is a `.keras` file, a folder with
        network.keras, or one that `handwriting.share.export_serving` wrote; a newer version there replaces the old one.
    port, host : int, str
        The address to listen on: port 0 is that of the server before, or any that is free; "0.0.0.0" are all addresses.
    class_names : sequence of str, optional
        By default those saved with the network, else "0", "1", "2" and so on.
    allow_hosts, trust_graph
        As for `handwriting serve`.

    Returns
    -------
    Running
        With its address in `url`, and `stop()`. If UserError is raised, as by `serve`, the server before goes on.
    """
    messages = deque(maxlen=100)
    server, _ = make_server(model, class_names, messages.append, host, allow_hosts, trust_graph)
    before = next((thread for thread in threading.enumerate() if isinstance(thread, Running)), None)
    if before is not None and port in (0, before.port):
        listen(host, 0).close()  # if this fails, the server before goes on
        before.stop()
        port = before.port
    listener = listen(host, port)
    if before is not None:
        before.stop()
    return Running(server, listener, messages)


class Running(threading.Thread):
    """A server in the background, with its `url`, its `port`, and its log in `messages`."""

    def __init__(self, server, listener, messages):
        super().__init__(name="server", target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        self.url, self.port = url_for(*listener.getsockname()[:2]), listener.getsockname()[1]
        self.server, self.messages = server, messages
        self.start()
        while self.is_alive() and not server.started:
            self.join(0.01)
        atexit.register(self.stop)

    def __repr__(self):
        """Return the same text each time: notebooks store it."""
        state = "at the address in .url; .stop() stops it" if self.is_alive() else "stopped"
        return f"<A server that reads handwriting, {state}>"

    def stop(self):
        """Stop it, when the requests that are being answered are answered; may be called again."""
        self.server.should_exit = True
        self.join(GRACE + 5)
        atexit.unregister(self.stop)


def make_server(model, class_names, log, host, allow_hosts, trust_graph):
    """Return a uvicorn server, ready to run, and the path of the network; UserError if that or a package is missing."""
    quiet_tensorflow()
    allow_files()
    try:
        import uvicorn

        from workshop.serve.app import make_app
        from workshop.serve.connections import Connection, guarded, host_of
        from workshop.serve.model_repository import ModelRepository
    except ImportError as error:
        raise UserError(needed(error)) from None
    repository, here = ModelRepository(model, class_names, log, trust_graph), socket.gethostname()
    names = ["localhost", "127.0.0.1", here, f"{here}.local", own_address(), str(host)]
    allow_hosts = [allow_hosts] if isinstance(allow_hosts, str) else allow_hosts
    for name in allow_hosts:
        if not isinstance(name, str) or not host_of(name):
            raise UserError(f"{shown(name)} is not the name of a machine. Give one such as digits.example.org.")
    names += allow_hosts
    app = make_app(repository, str(host))
    app.state.lets_others_in = str(host) in ALL  # the page with the QR code says why there may be none
    config = uvicorn.Config(
        guarded(app, names),
        http=partial(Connection, shared=bool(allow_hosts)),
        headers=HEADERS,
        ws="none",
        proxy_headers=False,  # anybody can write them, and be as many machines
        loop="asyncio",
        log_config=None,
        log_level="critical",
        limit_concurrency=CONNECTIONS + 1,  # uvicorn refuses at its limit, not above it
        timeout_keep_alive=IDLE,
        timeout_graceful_shutdown=GRACE,
    )
    return uvicorn.Server(config), repository.path


def allow_files():
    """Let this process open a file for each connection, and others: macOS allows 256 to those who do not ask."""
    with contextlib.suppress(ImportError, OSError, ValueError):
        import resource  # Windows has none, and no such limit

        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        wanted = 2 * CONNECTIONS if hard < 0 else min(2 * CONNECTIONS, hard)  # -1: any number
        if 0 <= soft < wanted:
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def listen(host, port):
    """Return a socket that listens; raise UserError if there is no such address or port, or it is taken."""
    TEXT.check("host", host)
    whole(0, 65535).check("port", port)
    try:
        found = socket.getaddrinfo(host or "no address", port, type=socket.SOCK_STREAM)
        family, _, _, _, address = min(found, key=itemgetter(0))  # IPv4 where a name has both
        both = address[0] == "::" and socket.has_dualstack_ipv6()
        listener = socket.create_server(address, family=family, backlog=1024, dualstack_ipv6=both)
    except (OSError, UnicodeError) as error:
        if isinstance(error, (socket.gaierror, UnicodeError)) or error.errno in (errno.EADDRNOTAVAIL, errno.EINVAL):
            detail = f"{shown(host)} is not an address of this machine. "
            detail += "Use 127.0.0.1, which only this machine can reach, or 0.0.0.0, which others can reach, too."
        else:
            known = {errno.EADDRINUSE: "is in use", errno.EACCES: "is reserved for the system"}
            why = known.get(error.errno) or f"is not available ({os.strerror(error.errno)})"
            detail = f"Port {port} at {host} {why}. Choose another port from 1024 up, or 0 for any that is free."
        raise UserError(detail) from None
    # Connections inherit it. Otherwise the second half of each answer would wait 40 ms for an acknowledgement.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    # With a larger buffer, nobody could see for minutes whether a slow client takes anything.
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 2**16)
    return listener
