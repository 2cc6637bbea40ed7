"""Compressed request bodies, inflated up to a limit: a zip bomb costs its limit and no more."""

import sys
import zlib

from botlogs_collector.errors import InvalidRequest, Permanent

if sys.version_info >= (3, 14):
    from compression.zstd import ZstdDecompressor, ZstdError
else:
    from backports.zstd import ZstdDecompressor, ZstdError

ENCODINGS = ("identity", "gzip", "deflate", "zstd")


class TooLarge(Permanent):
    """The body is larger than the limit."""


def inflate(body: bytes, encoding: str, max_bytes: int) -> bytes:
    """Return *body* decoded from *encoding*, one of ENCODINGS, at most *max_bytes*.

    Raises:
        TooLarge: it inflates to more.
        InvalidRequest: it is not of that encoding, or ends early.
    """
    if encoding == "identity":
        return body
    try:
        return _inflate_parts(body, encoding, max_bytes)
    except (zlib.error, ZstdError, EOFError) as error:
        raise InvalidRequest(f"the body is not {encoding}: {error}") from None


def _inflate_parts(body: bytes, encoding: str, max_bytes: int) -> bytes:
    """Inflate one stream after another: a gzip or zstd body may be several."""
    parts: list[bytes] = []
    room = max_bytes
    rest = body
    while rest or not parts:
        decode = _zstd if encoding == "zstd" else _zlib
        data, is_whole, rest = decode(rest, encoding, room + 1)
        if len(data) > room:
            raise TooLarge(f"the body inflates to more than {max_bytes} bytes; send smaller batches")
        if not is_whole:
            raise InvalidRequest(f"the {encoding} body ends early")
        room -= len(data)
        parts.append(data)
    return b"".join(parts)


def _zlib(body: bytes, encoding: str, max_bytes: int) -> tuple[bytes, bool, bytes]:
    """Return at most *max_bytes*, whether the stream ended, and what comes after it."""
    # 47: gzip or zlib by header. Some clients send deflate without the zlib header: -15.
    decoder = zlib.decompressobj(47)
    try:
        data = decoder.decompress(body, max_bytes)
    except zlib.error:
        if encoding != "deflate":
            raise
        decoder = zlib.decompressobj(-15)
        data = decoder.decompress(body, max_bytes)
    return data, decoder.eof, decoder.unused_data


def _zstd(body: bytes, _encoding: str, max_bytes: int) -> tuple[bytes, bool, bytes]:
    decoder = ZstdDecompressor()
    data = decoder.decompress(body, max_length=max_bytes)
    return data, decoder.eof, decoder.unused_data
