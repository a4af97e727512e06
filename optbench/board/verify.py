"""An entry run again: this executes what is in it, and is done when somebody asks for it alone."""

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from optbench.board.card import Card
from optbench.board.entry import ARCHIVE, content, opened
from optbench.registry.registry import registry
from optbench.results.reproduction import Reproduction, reproduce
from optbench.testing import Result
from optbench.testing.checking import target

#: bytes of a file of source
SOURCE_SIZE = 1_000_000


@dataclass(frozen=True)
class Verified:
    """What running again and the conformance kit gave.

    within   how far apart runs may end where another environment explains it: `optbench.results.reproduction.apart`
    """

    card: Card
    again: Reproduction
    checks: list[Result]
    within: float

    @property
    def failed(self) -> list[Result]:
        return [check for check in self.checks if check.verdict == "failed"]

    @property
    def borne_out(self) -> bool:
        """Whether all trials gave the same bits or, where another environment explains it, ended nearly alike."""
        if self.again.same:
            return True
        rows = self.again.trials
        near = rows["same"] | (rows["end"] <= self.within)
        return bool(near.all()) and len(self.again.environments) > 0 and not self.again.changed

    @property
    def ok(self) -> bool:
        return self.borne_out and not self.failed

    @property
    def sentence(self) -> str:
        """Both in a sentence."""
        kit = f"{len(self.failed)} of {len(self.checks)} checks failed" if self.failed else (
            f"all {len(self.checks)} checks of the conformance kit hold" if self.checks else "no component of its own"
        )  # fmt: skip
        end = self.again.trials["end"].max()
        near = "" if self.again.same else f", ends up to {end:.2g} apart{' (borne out)' if self.borne_out else ''}"
        return f"{self.card.id}: {self.again.verdict}{near}; {kit}"


def verify(
    folder: str | Path, trials: int = 5, seed: int = 0, engine: str = "local", within: float = 0.0
) -> Verified:
    """Run a sample of the trials that an entry is about again, and the conformance kit on its components.

    trials, seed, engine   as of `reproduce`; a seed that the submitter cannot know chooses trials that he cannot either
    within                 see `Verified`
    `OptbenchError` where the entry is to be refused, before anything of it is executed.
    """
    folder = Path(folder)
    with ExitStack() as stack:
        card = opened(folder, stack).card
    files = [str(folder / one) for one in card.components if one.startswith("source/")]
    for one in files:
        content(Path(one.rpartition(":")[0]), SOURCE_SIZE)
    checks = kit([*files, *(one for one in card.components if not one.startswith("source/"))])
    again = reproduce(folder / ARCHIVE, trials, seed, engine, files, card.candidates)
    return Verified(card, again, checks, within)


def kit(components: Sequence[str]) -> list[Result]:
    """What the conformance kit says of each."""
    return [result for one in components for result in target(one, registry()).run()]
