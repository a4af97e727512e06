"""What a metric is called, which way is better, and in which unit it comes: as one text, which tables carry."""

import re
from dataclasses import dataclass

from optbench.contract.errors import OptbenchError

#: those that are known by their names; more is better of each
KNOWN = ("accuracy", "r2", "score")
#: what a metric of one's own cannot be called: these are something else
TAKEN = ("loss", "metric", "value", *KNOWN)
FORM = re.compile(r"([A-Za-z][A-Za-z0-9_-]{0,39}):(lower|higher)(?::([^:\s][^:\n]{0,19}))?")
SUFFIX = re.compile(r":(lower|higher)(?::(.*))?$")


@dataclass(frozen=True)
class Metric:
    """A metric by its text: one of `KNOWN`, or of one's own NAME:BETTER or NAME:BETTER:UNIT.

    >>> Metric.of("latency:lower:ms")
    Metric(name='latency', lower=True, unit='ms')
    >>> Metric.of("accuracy").label, Metric.of("latency:lower:ms").label
    ('accuracy', 'latency (ms)')
    """

    name: str
    lower: bool = False
    unit: str = ""

    @classmethod
    def of(cls, text: object) -> "Metric":
        """OptbenchError where `text` is none."""
        if isinstance(text, str) and text in KNOWN:
            return cls(text)
        parts = FORM.fullmatch(text) if isinstance(text, str) else None
        if parts is None or parts[1] in TAKEN:
            raise OptbenchError(
                f"metric = {text!r}: give one of {', '.join(KNOWN)}; or a name of your own and which way is better, "
                "such as 'return:higher' or 'latency:lower:ms', with a unit"
            )
        return cls(parts[1], parts[2] == "lower", parts[3] or "")

    @property
    def label(self) -> str:
        """In words: latency (ms)."""
        return labelled(self.name) + (f" ({self.unit})" if self.unit else "")


def labelled(name: str) -> str:
    """The name of a metric, with or without its split and the rest of its text, in words.

    >>> labelled("validation_latency:lower:ms"), labelled("final_test_r2"), labelled("train_loss")
    ('validation latency (ms)', 'final test R²', 'train loss')
    """
    head, _, unit = _parts(name)
    words = re.sub(r"(?<![^_ ])r2\b", "R²", head).replace("_", " ")
    return f"{words} ({unit})" if unit else words


def lower_is_better(name: str) -> bool:
    """Whether less of a metric is better, by its text, with or without its split: of losses, and of what says so.

    >>> [lower_is_better(name) for name in ("train_loss", "validation_latency:lower:ms", "test_accuracy", "score")]
    [True, True, False, False]
    """
    head, better, _ = _parts(name)
    return better == "lower" or (not better and head.endswith("loss"))


def field_of(name: str) -> str:
    """The field of a measurement that holds a metric of training or validation.

    >>> field_of("validation_accuracy"), field_of("train_loss"), field_of("train_gap_size:lower")
    ('validation_metric', 'train_loss', 'train_metric')
    """
    split, _, what = name.partition("_")
    return name if what in ("loss", "metric") else f"{split}_metric"


def _parts(name: str) -> tuple[str, str, str]:
    """(name, which way is better, unit), the last two empty where it does not say."""
    found = SUFFIX.search(name)
    return (name[: found.start()], found[1], found[2] or "") if found else (name, "", "")
