"""What one look found."""

from dataclasses import dataclass
from typing import Literal

Verdict = Literal["ok", "caution", "fault"]


@dataclass(frozen=True)
class Finding:
    """verdict   ok; caution: results are right, but slower or noisier than need be; fault: they may be wrong or lost
    about     what was looked at
    found     what was there
    do        what to do; empty where all is well
    """

    verdict: Verdict
    about: str
    found: str
    do: str = ""
