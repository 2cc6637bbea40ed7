"""What happens to bytes on bad days: flipped, cut, inserted, repeated."""

from collections.abc import Sequence

from hypothesis import strategies as st

edits = st.lists(
    st.tuples(st.sampled_from(("flip", "cut", "insert", "repeat")), st.floats(0, 1), st.binary(min_size=1, max_size=6)),
    max_size=4,
)  # fmt: skip


def damaged(body: bytes, edits: Sequence[tuple[str, float, bytes]]) -> bytes:
    """Return *body* after *edits*, each of a kind, at a place (0 to 1) and with some bytes."""
    for kind, where, data in edits:
        at = int(where * len(body))
        if kind == "flip" and at < len(body):
            body = body[:at] + bytes([body[at] ^ data[0]]) + body[at + 1 :]
        elif kind == "cut":
            body = body[:at]
        elif kind == "insert":
            body = body[:at] + data + body[at:]
        elif kind == "repeat":
            body = body[:at] + body[at:] * 2
    return body
