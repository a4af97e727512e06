"""A second process that lays out and writes figures while this one draws the next.

Half of the time of a large report is layout and SVG; a drawn figure pickles in a hundredth of that. A process over two
pipes, for the reasons in `optbench.running.process`: no `if __name__ == "__main__"` is needed, and it ends when
its parent does. What it cannot do is done here, so a report never depends on it.
"""

import os
import pickle
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from typing import Any, Self

from optbench.language import ENGLISH, speaking
from optbench.report.page.garbage import seldom
from optbench.report.parts import Shown

#: lines and dots (candidates times workloads) from which on a second process, which takes a second to start, pays
WORTH = 150

#: None: the second process is gone, or did not understand
Answer = Future[Shown | BaseException | None]


class Press:
    """Runs `finish(figure, *arguments)`, in a second process where that pays.

    finish   a function of a module, which makes what the page shows; what it raises is raised where it is asked for
    second   whether to start a second process
    language that is spoken, there, too
    """

    def __init__(self, finish: Callable[..., Shown], second: bool, language: str = ENGLISH):
        self.finish = finish
        self.language = language
        self.process: subprocess.Popen[bytes] | None = None
        self.thread: ThreadPoolExecutor | None = None
        self.jobs: list[tuple[Answer, bytes]] = []
        self.done: dict[Answer, Shown | BaseException] = {}
        if second:
            self._start()

    def _start(self) -> None:
        serving = f"from {__name__} import serve; serve({self.finish.__module__!r}, {self.language!r})"
        # nothing is left to do at its end: to take down all that was imported would keep this process waiting
        code = f"import os, sys; sys.path[:] = {sys.path!r}; {serving}; sys.stdout.flush(); os._exit(0)"
        with suppress(OSError):
            # its own process group: Ctrl-C is the parent's
            self.process = subprocess.Popen(
                [sys.executable, "-c", code],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                **({"process_group": 0} if os.name == "posix" else {}),
            )  # type: ignore[call-overload]
            self.thread = ThreadPoolExecutor(1, thread_name_prefix="optbench-press")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: Any) -> None:
        """End the process: at once where something failed, Ctrl-C for one."""
        if self.process is None:
            return
        if kind is not None:
            with suppress(OSError):
                self.process.kill()
        if self.thread is not None:
            self.thread.shutdown(cancel_futures=True)
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                with suppress(OSError):
                    pipe.close()
        self.process.wait()

    def put(self, figure: Any, *arguments: Any) -> Callable[[], Shown]:
        """Have a figure finished; the returned function waits for the result."""
        if self.thread is None:
            made = self.finish(figure, *arguments)
            return lambda: made
        try:
            job = pickle.dumps((self.finish, (figure, *arguments)), pickle.HIGHEST_PROTOCOL)
        except Exception:  # a figure may hold anything, a lambda for one
            made = self.finish(figure, *arguments)
            return lambda: made
        answer = self.thread.submit(self._exchange, job)
        self.jobs.append((answer, job))

        def wait() -> Shown:
            self._help()
            found = self.done.get(answer, None) or answer.result() or _do(job)
            if isinstance(found, BaseException):
                raise found
            return found

        return wait

    def _help(self) -> None:
        """Do here what still waits for the second process, the last first: this one has nothing else to do."""
        while self.jobs:
            answer, job = self.jobs.pop()
            if answer.cancel():
                self.done[answer] = _do(job)

    def _exchange(self, job: bytes) -> Shown | BaseException | None:
        """What became of a job in the second process; None where that is gone or did not understand."""
        process = self.process
        assert process is not None
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            process.stdin.write(len(job).to_bytes(8, "big") + job)
            process.stdin.flush()
            answer: Shown | BaseException | None = pickle.load(process.stdout)
        except (OSError, EOFError, ValueError, pickle.UnpicklingError):
            return None
        return answer


def _do(job: bytes) -> Shown | BaseException:
    """What becomes of a job."""
    finish, given = pickle.loads(job)
    try:
        return finish(*given)
    except Exception as error:
        return error


def serve(module: str, language: str = ENGLISH) -> None:
    """The second process: jobs from standard input, answers to standard output, until there are no more.

    module   where `finish` is: imported before there is work
    """
    from importlib import import_module

    answer: Shown | BaseException | None
    jobs, answers = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints is no answer
    import_module(module)
    with seldom(), speaking(language):
        while len(header := jobs.read(8)) == 8:
            job = jobs.read(int.from_bytes(header, "big"))
            try:
                answer = _do(job)
            except Exception:  # it needs a module that this process lacks
                answer = None
            answers.write(pickle.dumps(answer))
            answers.flush()
