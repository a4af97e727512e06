"""Ctrl-C: the first stops in order, the second ends the process at once.

A `KeyboardInterrupt` is raised wherever the main thread is. The first may be: what it passes through cleans up, and the
command says what is kept. A second would meet that cleaning, and where no code can catch it, such as in a `__del__`, be
printed with a traceback; so none is raised, and the process is left from within the handler. Nothing that is stored is
lost, as by a kill: transactions of the store are whole or absent, and files are replaced as a whole.
"""

import _thread
import atexit
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import Any

#: the exit status of what Ctrl-C ended, as shells tell it: 128 and the number of SIGINT
INTERRUPTED = 130
AT_ONCE = "stopped at once: what was stored is kept"
#: shows the cursor that a live display hid
CURSOR = "\x1b[?25h"
#: Seconds after which an interrupt that could not be raised, or that nobody could catch, comes again.
LATER = 0.01


@contextmanager
def flagged(notice: Callable[[], None] | None = None) -> Iterator[Callable[[], bool]]:
    """Within, a first Ctrl-C only raises a flag, and calls `notice`; those after it are as ever."""
    seen: list[int] = []
    before = signal.getsignal(signal.SIGINT)
    if threading.current_thread() is not threading.main_thread() or before == signal.SIG_IGN:
        # Ctrl-C reaches the main thread only; and not a job in the background, which its shell has told to ignore it
        yield lambda: False
        return

    def note(number: int, frame: Any) -> None:
        seen.append(number)
        signal.signal(signal.SIGINT, before)
        if notice is not None:
            notice()

    signal.signal(signal.SIGINT, note)
    try:
        yield lambda: bool(seen)
    finally:
        signal.signal(signal.SIGINT, before)


class Interrupts:
    """Within, a first Ctrl-C raises `KeyboardInterrupt`, and the second ends this process and its workers at once.

    ending   whether the process ends with it: then another Ctrl-C ends it without a word; else all is as before
    raised   whether the first has been raised

    It comes later where a module is being imported, since libraries make other errors of it there, or fail at the end
    of the process, and again where it went nowhere. Does nothing where Ctrl-C is ignored or is somebody else's, and in
    other threads than the main one.
    """

    def __init__(self, ending: bool = False):
        self.ending = ending
        self.raised = self.active = self.again = False
        self.pressed = 0
        self.outside: FrameType | None = None

    def __enter__(self) -> "Interrupts":
        main = threading.current_thread() is threading.main_thread()
        if main and signal.getsignal(signal.SIGINT) is signal.default_int_handler:
            self.active = True
            self.outside = sys._getframe(1)
            self.hook, sys.unraisablehook = sys.unraisablehook, self._uncaught
            signal.signal(signal.SIGINT, self._interrupt)
            if self.ending:  # from where on Python itself would let it end the process by the signal, not by its status
                atexit.register(signal.signal, signal.SIGINT, signal.SIG_IGN)
        return self

    def __exit__(self, *exception: object) -> None:
        if self.active:
            signal.signal(signal.SIGINT, _leave if self.ending else signal.default_int_handler)
            sys.unraisablehook = self.hook
            self.outside = None

    def _interrupt(self, number: int, frame: FrameType | None) -> None:
        self.pressed += not self.again
        self.again = False
        if self.pressed > 1:
            self._leave_now()
        elif self._importing(frame):
            self._later()
        elif not self.raised:
            self.raised = True
            raise KeyboardInterrupt

    def _importing(self, frame: FrameType | None) -> bool:
        while frame is not None and frame is not self.outside:
            if frame.f_code.co_filename.startswith("<frozen importlib"):
                return True
            frame = frame.f_back
        return False

    def _uncaught(self, unraisable: Any) -> None:
        """Of what no code can catch, such as an error in a `__del__`: an interrupt comes again."""
        if issubclass(unraisable.exc_type, KeyboardInterrupt):
            self.raised = False
            self._later()
        else:
            self.hook(unraisable)

    def _later(self) -> None:
        timer = threading.Timer(LATER, self._come)
        timer.daemon = True
        timer.start()

    def _come(self) -> None:
        self.again = True
        if hasattr(signal, "pthread_kill"):  # which wakes it, too
            signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)  # type: ignore[arg-type]
        else:
            _thread.interrupt_main()

    def _leave_now(self) -> None:
        # not imported: `optbench --help` should not wait for NumPy, and who has no workers has not imported it either
        if end := getattr(sys.modules.get("optbench.running.process"), "kill_all", None):
            end()
        for stream in (sys.stdout, sys.stderr):
            with suppress(Exception):  # also where it is being written to just now
                stream.flush()
        shown = CURSOR if sys.stdout is not None and sys.stdout.isatty() else ""
        with suppress(OSError):
            os.write(2, f"{shown}{AT_ONCE}\n".encode())
        _leave()


def _leave(*signal: Any) -> None:
    os._exit(INTERRUPTED)
