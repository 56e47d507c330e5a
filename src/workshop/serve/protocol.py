"""HTTP with limits that uvicorn leaves open: on connections, and on the time until a request has begun."""

import contextlib
import socket

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from workshop.serve.bodies import dumped

__all__ = ["PatientProtocol"]

CONNECTIONS = 512  # at once
SECONDS = 10  # for a request's head; for the rest of a body that nobody wants; for a pause while an answer is taken


class PatientProtocol(H11Protocol):
    """Uvicorn's protocol in pure Python, which says in JSON what it refuses."""

    timer = None  # until a request must have begun
    patience = None  # until the other side must have taken what it was given

    def connection_made(self, transport):
        super().connection_made(transport)
        # Head and body of an answer are two writes: without this, the second waits 40 ms for an acknowledgement.
        transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if len(self.connections) > CONNECTIONS:
            self.refuse(503, "Too many connections are open. Try again in a second.")
            return
        self.timer = self.loop.call_later(SECONDS, self.give_up)

    def data_received(self, data):
        super().data_received(data)
        if not self.idle():
            self.stop_timer()
        elif self.timer is None:
            self.timer = self.loop.call_later(SECONDS, self.give_up)

    def connection_lost(self, exc):
        self.stop_timer()
        self.stop_patience()
        super().connection_lost(exc)

    def pause_writing(self):
        """Called when the other side takes less than it is given."""
        super().pause_writing()
        self.be_patient()

    def resume_writing(self):
        super().resume_writing()
        self.stop_patience()

    def on_response_complete(self):
        super().on_response_complete()
        if self.transport.is_closing():
            self.be_patient()

    def timeout_keep_alive_handler(self):
        """Called when a connection has not been used for long."""
        super().timeout_keep_alive_handler()
        self.be_patient()

    def be_patient(self):
        """Wait until all is taken, as a transport that was closed does too, but not for ever."""
        self.stop_patience()
        self.patience = self.loop.call_later(SECONDS, self.transport.abort)

    def stop_patience(self):
        if self.patience is not None:
            self.patience.cancel()
            self.patience = None

    def idle(self):
        """Whether no request is being answered."""
        return self.cycle is None or self.cycle.response_complete

    def stop_timer(self):
        if self.timer is not None:
            self.timer.cancel()
            self.timer = None

    def give_up(self):
        """Close a connection on which no request has begun for too long."""
        self.timer = None
        if self.idle() and not self.transport.is_closing():
            self.refuse(408, f"No request arrived within {SECONDS} seconds. Send it without pauses.")

    def send_400_response(self, msg):
        """Called by uvicorn for what is not HTTP."""
        self.refuse(400, "This is not an HTTP request that can be understood.")

    def refuse(self, status, sentence):
        """Answer at once and close."""
        body = dumped({"error": sentence})
        headers = [
            (b"content-type", b"application/json"),
            (b"content-length", str(len(body)).encode()),
            (b"connection", b"close"),
        ]
        if status == 503:
            headers.append((b"retry-after", b"1"))
        if self.cycle is not None:
            self.cycle.disconnected = True  # whatever was being prepared has nobody to go to
        with contextlib.suppress(h11.LocalProtocolError):  # if an answer is already on its way
            for event in (h11.Response(status_code=status, headers=headers), h11.Data(body), h11.EndOfMessage()):
                self.transport.write(self.conn.send(event) or b"")
        self.transport.close()
        self.be_patient()
