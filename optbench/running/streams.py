"""Standard output and error of commands and workers: any encoding will do, and a reader may leave.

What an encoding lacks is written as ASCII that looks like it, or as an escape. A stream that nobody reads any more, or
that lies on a full disk, goes to nowhere from then on: who `endures` that goes on without it, others get one `Lost`.
"""

import codecs
import errno
import io
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from optbench.contract.text import visible

#: how the error handler for encodings is registered
LOOKALIKE = "optbench-lookalike"
SIGNS = {
    "…": "...", "–": "-", "—": "-", "−": "-", "×": "x", "·": ".", "→": "->", "←": "<-", "≤": "<=", "≥": ">=",
    "≈": "~", "±": "+-", "∞": "inf", "²": "^2", "‘": "'", "’": "'", "“": '"', "”": '"', "•": "*", "✓": "+", "✗": "x",
    "✔": "+", "✘": "x", "■": "#", "●": "*", "─": "-", "━": "-", "═": "-", "╴": "-", "╶": "-", "╸": "-", "╺": "-",
    "│": "|", "┃": "|", "║": "|", "┊": ":", "┆": ":", "\u00a0": " ", "\u2009": " ", "\u202f": " ",
}  # fmt: skip
CONTROLS = "".join(map(chr, [*range(32), 127]))
#: the reader has gone: a pipe's, a socket's, a terminal's
GONE = (errno.EPIPE, errno.ECONNRESET, errno.EIO)


class Lost(Exception):
    """Standard output takes nothing more. `quiet` where its reader left, which is nobody's mistake."""

    def __init__(self, error: OSError):
        super().__init__(error.strerror or str(error))
        self.quiet = isinstance(error, BrokenPipeError) or error.errno in GONE


class Stream(io.TextIOWrapper):
    """A standard stream from the time of `prepare` on."""

    endures = False

    def write(self, text: str) -> int:
        # Colours are ASCII's escapes, so control characters stay; marks of direction and the like are nobody's here.
        shown = text if text.isascii() else visible(text, keep=CONTROLS)
        self._surely(super().write, shown)
        return len(text)

    def flush(self) -> None:
        self._surely(super().flush)

    def _surely(self, act: Callable[..., Any], *arguments: Any) -> None:
        try:
            act(*arguments)
        except OSError as error:
            self._lose(error)

    def _lose(self, error: OSError) -> None:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        with suppress(OSError, ValueError):
            os.dup2(nowhere, self.fileno())
        os.close(nowhere)
        with suppress(OSError):
            super().flush()  # what had not gone yet; nor does it stand in the way at exit
        lost = Lost(error)
        if not self.endures:
            raise lost from None
        if not lost.quiet and sys.stderr is not self:
            print(f"warning: standard output takes no more ({lost}); this goes on without it", file=sys.stderr)


def prepare(endures: bool = False) -> None:
    """Make this process's standard streams such ones. Those that are another's, a test's or a notebook's, stay.

    endures   whether it goes on where its output is lost; for the error output it always does
    """
    codecs.register_error(LOOKALIKE, lookalike)
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:  # closed (`>&-`): no file that is opened later may take its number
            setattr(sys, name, os.fdopen(os.open(os.devnull, os.O_RDWR), mode, encoding="utf-8", closefd=False))
    for name in ("stdout", "stderr"):
        old = getattr(sys, name)
        if type(old) is not io.TextIOWrapper or old is not getattr(sys, f"__{name}__"):
            continue
        with suppress(OSError):
            old.flush()
        new = Stream(
            old.buffer, old.encoding, LOOKALIKE, line_buffering=old.line_buffering, write_through=old.write_through
        )
        new.endures = endures or name == "stderr"
        setattr(sys, name, new)


def outlive_reader() -> None:
    """From now on this process goes on where its standard output is lost."""
    if isinstance(sys.stdout, Stream):
        sys.stdout.endures = True


def write_bytes(data: bytes) -> None:
    """Bytes to standard output as they are, in whatever encoding texts go there."""
    stream = sys.stdout
    if not isinstance(stream, Stream):
        stream.write(data.decode("utf-8"))
        return
    stream.flush()
    stream._surely(stream.buffer.write, data)
    stream.flush()


def lookalike(error: UnicodeError) -> tuple[str, int]:
    """For `codecs`: ASCII that looks like the characters which an encoding lacks."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return "".join(map(ascii_of, error.object[error.start : error.end])), error.end


def ascii_of(character: str) -> str:
    """A sign, line, block or dot as ASCII has it; any other character as its escape."""
    if character in SIGNS:
        return SIGNS[character]
    number = ord(character)
    if 0x2500 <= number < 0x2580:  # corners and crossings of boxes
        return "+"
    if 0x2580 <= number < 0x25A0:  # blocks
        return "#"
    if 0x2800 <= number < 0x2900:  # Braille: dots of a curve
        return "." if number > 0x2800 else " "
    return character.encode("ascii", "backslashreplace").decode("ascii")
