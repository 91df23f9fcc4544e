"""Bytes -> text: encodings as they are found, binary files refused."""

import codecs
from dataclasses import dataclass

from moscow_labels.errors import InputError

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF32_LE, "utf-32"), (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"),
)  # fmt: skip
_MAGIC = {b"%PDF": "a PDF file", b"PK\x03\x04": "a zip archive or an office file", b"\x1f\x8b": "a gzip archive", b"\x89PNG": "a picture"}
_SAMPLE = 200_000


@dataclass(frozen=True, slots=True)
class Decoded:
    """Text, and the encoding that was guessed where it was not UTF-8 (else empty)."""

    text: str
    guessed: str = ""


def decode(data: bytes, where: str) -> Decoded:
    """Decode a text file. Raises InputError for a binary file."""
    for magic, what in _MAGIC.items():
        if data.startswith(magic):
            raise InputError(f"{where}: is {what}, not text; convert it to .txt or .html first")
    for bom, encoding in _BOMS:
        if data.startswith(bom):
            return Decoded(data.decode(encoding, "replace"))
    if b"\x00" in data[:_SAMPLE]:
        raise InputError(f"{where}: is a binary file, not text; give a .txt or .html file")
    try:
        return Decoded(data.decode("utf-8"))
    except UnicodeDecodeError:
        from charset_normalizer import from_bytes  # 30 ms that UTF-8 does not pay

        best = from_bytes(data[:_SAMPLE]).best()
        encoding = best.encoding if best else "cp1252"
        return Decoded(data.decode(encoding, "replace"), encoding)
