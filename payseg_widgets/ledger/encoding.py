"""Which encoding a text file is in, and a copy of it in clean UTF-8 where it is in another."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from pathlib import Path

from payseg_widgets.errors import LedgerError
from payseg_widgets.ledger.findings import Finding, counted, quoted

_CHUNK = 1 << 24
_SAMPLE = 1 << 16
_FEW_BYTES = 4  # beyond ASCII; fewer tell no encoding: two pound signs are also a Korean syllable
_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"), (codecs.BOM_UTF32_BE, "utf-32"), (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"),
)  # fmt: skip
_CANDIDATES = [
    "cp1252", "cp1250", "cp1251", "cp1253", "cp1254", "cp1255", "cp1256", "cp1257", "cp437", "cp850", "cp852", "mac_roman",
    "shift_jis", "euc_jp", "gb18030", "big5", "euc_kr", "koi8_r", "iso8859_2", "iso8859_15",
]  # fmt: skip
_GLOB = re.compile(rb"[*?\[\]{}]")


def as_utf8(path: Path, folder: Path, encoding: str | None) -> tuple[Path, tuple[Finding, ...]]:
    """Return a file with the same text in UTF-8 without NULs: the file itself where it is so already.

    Parameters
    ----------
    path : pathlib.Path
        The file as exported.
    folder : pathlib.Path
        Where a copy may be written.
    encoding : str, optional
        Name of the encoding; found by content if not given.

    Returns
    -------
    pathlib.Path
        A file that is valid UTF-8, possibly with a byte-order mark.
    tuple of Finding
        The encoding, if it is not UTF-8, and what could not be decoded.

    Raises
    ------
    LedgerError
        If ``encoding`` is unknown, or the file cannot be read in it.
    """
    if encoding is not None:
        _refuse_unknown(encoding)
    name, n_nuls, is_clean = _survey(path)
    if encoding is None and is_clean and not n_nuls and not _GLOB.search(str(path).encode()):
        return path, ()
    guessed = encoding or name or _guess(path)
    copy = folder / "table.txt"
    try:
        n_bad, n_nuls = _transcode(path, copy, guessed)
    except UnicodeError as error:  # codecs that know no replacement, and UTF-16 without its mark
        raise LedgerError(
            f"The file {path.name!r} cannot be read as {guessed!r} ({str(error)[:80]}). "
            "Leave encoding= out, or name one such as 'utf-8' or 'cp1252'."
        ) from None
    findings = []
    if guessed not in ("utf-8", "utf-8-sig"):
        told = "as asked" if encoding else "found by its content"
        findings.append(Finding("", f"The file was read as {guessed}, {told}."))
    if n_bad:
        text = (
            f"{counted(n_bad, 'mangled character')} could not be decoded as {guessed}; each stands as \ufffd."
        )
        findings.append(Finding("", text))
    if n_nuls:
        findings.append(Finding("", f"{counted(n_nuls, 'NUL character')} taken out."))
    return copy, tuple(findings)


def _refuse_unknown(encoding: str) -> None:
    try:
        "".encode(encoding)  # unlike codecs.lookup it refuses 'hex' and 'zip', which give no text
    except (LookupError, TypeError, ValueError):
        raise LedgerError(
            f"encoding={quoted(encoding)} is no text encoding known to Python. Leave it out, or name one such as "
            "'utf-8' or 'cp1252'."
        ) from None


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            yield chunk


def _survey(path: Path) -> tuple[str | None, int, bool]:
    """Return the encoding if it is beyond doubt, the number of NULs, and whether the bytes are valid UTF-8."""
    with path.open("rb") as file:
        start = file.read(_SAMPLE)
    for mark, name in _BYTE_ORDER_MARKS:
        if start.startswith(mark):
            return name, 0, name == "utf-8-sig" and _is_utf8(path) and b"\0" not in start
    half = len(start) // 2
    if half and start[1::2].count(0) > 0.4 * half and start[::2].count(0) < 0.1 * half:
        return "utf-16-le", 0, False
    if half and start[::2].count(0) > 0.4 * half and start[1::2].count(0) < 0.1 * half:
        return "utf-16-be", 0, False
    is_utf8 = _is_utf8(path)
    return "utf-8" if is_utf8 else None, sum(chunk.count(0) for chunk in _chunks(path)), is_utf8


def _is_utf8(path: Path) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for chunk in _chunks(path):
            decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _guess(path: Path) -> str:
    """Guess the encoding of bytes that are not UTF-8, from the lines that are not ASCII."""
    sample = b""
    for chunk in _chunks(path):
        for line in re.findall(rb"[^\r\n]*[\x80-\xff][^\r\n]*", chunk):
            sample += line[:1000] + b"\n"
            if len(sample) > _SAMPLE:
                break
        if len(sample) > _SAMPLE:
            break
    text = sample.decode("utf-8", errors="replace")
    n_wide = sum(c > "\x7f" and c != "\ufffd" for c in text)
    if n_wide > text.count("\ufffd"):
        return "utf-8"  # UTF-8 with some mangled bytes
    runs = re.findall(rb"[\x80-\xff]+", sample)
    n_bytes = sum(map(len, runs))
    is_western = n_bytes < _FEW_BYTES or n_bytes < 1.5 * len(runs)
    if runs and is_western and not re.search(rb"[\x81\x8d\x8f\x90\x9d]", sample):
        return "cp1252"  # single accents, pound and euro signs among ASCII letters
    from charset_normalizer import from_bytes

    best = from_bytes(sample, cp_isolation=_CANDIDATES).best()
    return best.encoding if best is not None else "cp1252"


def _transcode(path: Path, copy: Path, encoding: str) -> tuple[int, int]:
    """Write the text as UTF-8; return how many characters were undecodable and how many were NUL."""
    decoder = codecs.getincrementaldecoder(encoding)(errors="replace")
    n_bad = n_nuls = 0
    with copy.open("w", encoding="utf-8", errors="replace", newline="") as file:
        for chunk in (*_chunks(path), b""):
            text = decoder.decode(chunk, final=not chunk)
            n_bad += text.count("\ufffd")
            n_nuls += text.count("\0")
            file.write(text.replace("\0", ""))
    return n_bad, n_nuls
