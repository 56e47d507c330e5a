"""Who may connect, under which names, and when a connection that stands still ends."""

import re
from collections import Counter

import h11
from starlette.responses import JSONResponse
from uvicorn.protocols.http.h11_impl import H11Protocol

from handwriting.text import clean

HEAD = 16 * 2**10  # bytes of a request's first line and headers
TIMEOUT = 20  # seconds in which a client sends what the server waits for
TAKING = 3  # times as long to take what it asked for: systems take it in large pieces
PROGRESS = 10_000  # bytes in that time
CROWDED = 384  # connections, of the 512 that there are: above that, idle ones are closed for new ones
PER_CLIENT = 64  # connections of one other machine then, if none is idle; a class behind one router is one machine
REFUSAL = b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\nConnection: close\r\nContent-Length: 34\r\n\r\n"
REFUSAL += b"You have too many connections now."
SMALLEST = 100  # bytes of a chunk, on average
MOST_CHUNKS = 200  # after which that counts


class Messages(h11.Connection):
    """What a client sends, without requests of tiny chunks: each takes its time, and everybody waits meanwhile."""

    def next_event(self):
        event = super().next_event()
        if isinstance(event, h11.Request):
            self.chunks = self.in_chunks = 0
        elif isinstance(event, h11.Data):
            self.chunks, self.in_chunks = self.chunks + event.chunk_start, self.in_chunks + len(event.data)
            if self.chunks > MOST_CHUNKS and self.in_chunks < SMALLEST * (self.chunks - 1):  # the last may go on
                raise h11.RemoteProtocolError("tiny chunks")
        return event


class Connection(H11Protocol):
    """A connection that is cut off when the server waits for its client, and the client sends or takes too little.

    A steady client may be slow; what waits for the network or for another photo is not cut off. Above `CROWDED`
    connections, a new one takes the place of an idle one. If there is none, another machine that has `PER_CLIENT` gets
    no more, unless the server is `shared`: behind a proxy all come from one.
    """

    def __init__(self, *arguments, shared=False, **options):
        super().__init__(*arguments, **options)
        self.shared = shared
        self.conn = Messages(h11.SERVER, HEAD)

    def connection_made(self, transport):
        super().connection_made(transport)
        self.received, self.timer = 0, None
        self.machine = self.client and self.client[0]  # None if it is gone already
        self.watch()
        if len(self.connections) > CROWDED and not self.makes_room():
            transport.write(REFUSAL)
            transport.close()

    def makes_room(self):
        """Return whether this connection may stay: because one that is idle is closed instead, or it is fair."""
        counts = Counter(other.machine for other in self.connections)
        idle = [other for other in self.connections if other.is_idle()]
        if idle:
            min(idle, key=lambda one: (-counts[one.machine], one.timeout_keep_alive_task.when())).shutdown()
        own = self.shared or self.machine == self.server[0]
        return bool(idle) or own or counts[self.machine] <= PER_CLIENT

    def is_idle(self):
        """Return whether its client has taken the answer to its last request and not sent another."""
        waits = self.timeout_keep_alive_task is not None and self.cycle.response_complete
        return waits and not self.transport.get_write_buffer_size() and not self.transport.is_closing()

    def data_received(self, data):
        self.received += len(data)
        super().data_received(data)

    def send_400_response(self, msg):
        if self.cycle:
            self.cycle.disconnected = True  # what the application answers goes nowhere
            self.cycle.message_event.set()
        if self.conn.our_state in (h11.IDLE, h11.SEND_RESPONSE):
            super().send_400_response(
                f"This is not HTTP, or its chunks are tiny: send {SMALLEST} bytes or more in each.\n"
            )
        else:  # it has its answer already
            self.transport.close()

    def eof_received(self):
        """Answer a whole request of a client that says so that it was the last; otherwise asyncio closes at once."""
        waits = self.cycle is not None and not self.cycle.more_body and not self.cycle.response_complete
        if waits:
            self.cycle.keep_alive = False
        return waits

    def connection_lost(self, error):
        self.timer.cancel()
        super().connection_lost(error)

    def watch(self, before=None, checks=0):
        """Compare with what was to be sent and had been received before; cut off, or look again later."""
        cycle, unsent = self.cycle, self.transport.get_write_buffer_size()
        complete = cycle is not None and cycle.response_complete
        computing = cycle is not None and not cycle.more_body and not complete
        idle = self.timeout_keep_alive_task is not None
        now = None if not unsent and (computing or idle) else (cycle, complete, self.received, unsent)
        same = now and before and now[:2] == before[:2]
        if not same or self.received - before[2] + before[3] - unsent >= PROGRESS:
            before, checks = now, 0
        elif checks >= (TAKING if unsent else 1):
            self.transport.abort()
            return
        self.timer = self.loop.call_later(TIMEOUT, self.watch, before, checks + 1)


def guarded(app, names):
    """Return an application that answers HEAD as GET, and only under these names or the address it was reached at.

    The scheme is what a proxy says it is, for the addresses that are shown to people.

    A page on the internet can make a browser in this network call this server under that page's own name; then it
    could read what comes back.
    """
    names = {host_of(name) for name in names} - {""}

    async def guard(scope, receive, send):
        if scope["type"] == "http":
            pairs = [(b"", scope["raw_path"]), (b"", scope["query_string"]), *scope["headers"]]
            if sum(len(name) + len(value) + 4 for name, value in pairs) > HEAD:  # it came all at once
                detail = f"The first line and the headers are too large: at most {HEAD // 2**10} KB."
                return await JSONResponse({"error": detail}, 431)(scope, receive, send)
            headers = dict(scope["headers"])
            host = host_of(headers.get(b"host", b"localhost").decode("latin-1"))
            here = scope["server"][0].removeprefix("::ffff:").partition("%")[0]  # IPv4 within IPv6; a zone
            if host not in names and host != here:
                detail = f'This server does not answer to the name "{clean(host)}". If that is the name of a proxy in '
                detail += "front of it, start it with --allow-host and the name (in Python: allow_hosts=[name])."
                return await JSONResponse({"error": detail}, 400)(scope, receive, send)
            if scope["method"] == "HEAD":
                scope = scope | {"method": "GET"}  # uvicorn leaves the body out
            if headers.get(b"x-forwarded-proto") == b"https":
                scope = scope | {"scheme": "https"}
        await app(scope, receive, send)

    return guard


def host_of(address):
    """Return the name in an address such as "Laptop.local:8000", as names are compared, or "" if it has none."""
    found = re.fullmatch(r"(\[[0-9a-f:.]+\]|[^:@\[\]]*)(:\d*)?", address.lower())
    return found[1].strip("[]").rstrip(".") if found else ""
