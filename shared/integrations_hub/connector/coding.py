"""Undo a content coding without being blown up by it (RFC 9110 §8.4.1)."""

from __future__ import annotations

import zlib

from integrations_hub.connector.errors import CheckFailed
from integrations_hub.connector.reasons import Reason

__all__ = ["decode_body", "too_large"]

_GZIP_OR_ZLIB = 32 + zlib.MAX_WBITS


def decode_body(body: bytes, coding: str, limit: int) -> bytes:
    """Return the decoded body, at most `limit` bytes; never holds more than that in memory.

    Raises:
        CheckFailed: `wrong_product` for a coding nobody asked for, a broken one, or one that unpacks over the limit.
    """
    coding = coding.strip().lower()
    if not body or coding in {"", "identity"}:
        return body
    if coding not in {"gzip", "x-gzip", "deflate"}:
        raise CheckFailed(Reason.WRONG_PRODUCT, "the answer has a content coding that was not asked for", _REMEDY)
    unpack = zlib.decompressobj(_GZIP_OR_ZLIB)
    try:
        plain = unpack.decompress(body, limit + 1)
    except zlib.error:
        raise CheckFailed(Reason.WRONG_PRODUCT, "the answer's compression is broken", _REMEDY) from None
    if len(plain) > limit:
        raise too_large(limit)
    if not unpack.eof or unpack.unused_data:  # cut off, or several streams in one body, each of which may be a bomb
        raise CheckFailed(Reason.WRONG_PRODUCT, "the answer's compression is broken", _REMEDY)
    return plain


def too_large(limit: int) -> CheckFailed:
    """Return the verdict on an answer over the limit."""
    return CheckFailed(Reason.WRONG_PRODUCT, f"the answer is larger than {limit} bytes", _REMEDY)


_REMEDY = "Check the endpoint and what stands before it: this is not how the expected product answers."
