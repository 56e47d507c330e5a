"""The address of a server, as people type or scan it."""

import contextlib
import socket
from urllib.parse import urlsplit

import psutil

LOOPBACK, ALL = ("127.0.0.1", "::1", "localhost"), ("0.0.0.0", "::")  # noqa: S104  (compared only)


def url_for(host, port):
    """Return the address to put into a browser, for a server that listens on a host and port."""
    host = own_address() if host in ALL else host
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def url_for_others(base, host, port):
    """Return the address at which other machines reach a server, which was reached at `base`; "" if none can."""
    if urlsplit(base).hostname not in LOOPBACK:
        return base.rstrip("/")
    host = own_address() if host in ALL else host
    return "" if host in LOOPBACK or host.startswith("127.") else url_for(host, port)


def own_address():
    """Return this machine's address in its network, loopback's without one; nothing is sent to find out."""
    with contextlib.suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect(("192.0.2.1", 9))  # an address reserved for documents (RFC 5737)
        return probe.getsockname()[0]
    # No way leads out, as on a laptop that is the hotspot of others.
    up = {name for name, state in psutil.net_if_stats().items() if state.isup}
    found = (one for name, several in psutil.net_if_addrs().items() if name in up for one in several)
    found = (one.address for one in found if one.family == socket.AF_INET)
    return next((address for address in found if not address.startswith(("127.", "169.254."))), "127.0.0.1")


def qr_code(url):
    """Return the QR code of an address, as segno has it."""
    import segno

    return segno.make(url, micro=False)


def qr_text(url):
    """Return the QR code of an address as text of half blocks, for a terminal with light letters on a dark ground."""
    rows = list(qr_code(url).matrix_iter(border=2))
    rows += [[0] * len(rows[0])] * (len(rows) % 2)
    pairs = (zip(upper, lower, strict=True) for upper, lower in zip(rows[::2], rows[1::2], strict=True))
    return "\n".join("".join("█▀▄ "[2 * upper + lower] for upper, lower in row) for row in pairs)
