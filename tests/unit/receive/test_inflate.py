"""Compressed bodies: inflated up to a limit, whole or not at all."""

import gzip
import zlib

import pytest
from backports import zstd
from hypothesis import given
from hypothesis import strategies as st

from botlogs_collector.errors import InvalidRequest
from botlogs_collector.receive.inflate import TooLarge, inflate


def _deflate_raw(data: bytes) -> bytes:
    encoder = zlib.compressobj(wbits=-15)
    return encoder.compress(data) + encoder.flush()


ENCODERS = {
    "gzip": gzip.compress,
    "deflate": zlib.compress,
    "zstd": zstd.compress,
    "identity": bytes,
}
compressed = pytest.mark.parametrize("encoding", ["gzip", "deflate", "zstd"])


@given(data=st.binary(max_size=2_000), encoding=st.sampled_from(sorted(ENCODERS)))
def test_what_was_compressed_comes_back(data: bytes, encoding: str) -> None:
    """Every encoding, any bytes, exactly at the limit."""
    assert inflate(ENCODERS[encoding](data), encoding, len(data)) == data


@given(st.binary(min_size=1, max_size=200))
def test_deflate_without_a_header_is_read(data: bytes) -> None:
    """Some clients send the raw stream."""
    assert inflate(_deflate_raw(data), "deflate", 200) == data


@pytest.mark.parametrize("encoding", ["gzip", "zstd"])
def test_a_body_in_several_parts_is_read_whole(encoding: str) -> None:
    """Concatenated streams are one body, as gzip's and zstd's formats say."""
    encode = ENCODERS[encoding]

    assert inflate(encode(b"one,") + encode(b"two"), encoding, 100) == b"one,two"


@compressed
def test_a_bomb_is_refused_at_the_limit(encoding: str) -> None:
    """A body that inflates to more than the limit is refused, and the message says what to do."""
    bomb = ENCODERS[encoding](bytes(50_000_000))

    with pytest.raises(TooLarge, match="more than 1000 bytes; send smaller batches"):
        inflate(bomb, encoding, 1000)


def test_a_bomb_in_many_parts_is_refused_at_the_limit() -> None:
    """The limit is of the body, not of one part."""
    with pytest.raises(TooLarge):
        inflate(gzip.compress(bytes(900)) * 2, "gzip", 1000)


@compressed
def test_a_body_that_ends_early_is_refused(encoding: str) -> None:
    """Half a body is never taken for a whole one."""
    whole = ENCODERS[encoding](b"abc" * 1000)

    with pytest.raises(InvalidRequest):
        inflate(whole[: len(whole) // 2], encoding, 10_000)


@compressed
def test_a_body_of_another_encoding_is_refused(encoding: str) -> None:
    """What the header says must be true."""
    with pytest.raises(InvalidRequest, match=encoding):
        inflate(b"plainly not compressed", encoding, 10_000)
