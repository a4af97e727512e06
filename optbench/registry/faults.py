"""Why a plugin, or a part of it, is not there, in one line."""

from dataclasses import dataclass, field

import pluggy

from optbench.contract.errors import OptbenchError


@dataclass(frozen=True)
class Problem:
    """Why a plugin, or a part of it, is not there.

    `stage` is "import", "contract", "hooks", "collect", "component" or "observe".
    """

    plugin: str
    stage: str
    error: str
    traceback: str = field(default="", compare=False)

    def __str__(self) -> str:
        return f"plugin {self.plugin} ({self.stage}): {self.error}"


def one_line(error: BaseException) -> str:
    """The error as one line; of one that is meant for users, the message alone."""
    text = str(error).strip() or "no message"
    if isinstance(error, OptbenchError):
        return text.splitlines()[0]
    if isinstance(error, pluggy.PluginValidationError):  # its first line does not say what is wrong
        return ", ".join(text.splitlines())
    return f"{type(error).__name__}: {text.splitlines()[0]}"
