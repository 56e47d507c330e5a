"""Files that are not what they seem."""

import struct
import zipfile
import zlib


def png(width, height):
    """Return a PNG of few bytes that is black everywhere."""

    def chunk(kind, content):
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(bytes(100))) + chunk(b"IEND", b"")


def rewrite(path, member, content, target=None):
    """Give one member of a file that Keras saved another content, bytes or texts to replace; return the file."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    new = parts[member].replace(*content) if isinstance(content, tuple) else content
    assert new != parts.get(member)
    with zipfile.ZipFile(target or path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in (parts | {member: new}).items():
            archive.writestr(name, part)
    return target or path
