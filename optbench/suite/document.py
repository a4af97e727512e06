"""A suite: workloads, candidates, how they are tuned, and the claims to be judged."""

from collections.abc import Iterator, Sequence
from typing import Annotated, TypeVar

from pydantic import Field, ValidationInfo, field_validator

from optbench.contract import arguments
from optbench.contract.errors import OptbenchError, near
from optbench.registry.registry import Registry
from optbench.suite.base import LONGEST, Lines, Model, Title
from optbench.suite.candidate import MOST_TRIALS, Candidate, Tuning, candidate_of
from optbench.suite.claim import Claim
from optbench.suite.grid import Designs
from optbench.suite.margins import Margins
from optbench.suite.provenance import Provenance
from optbench.suite.rulesets import RULESETS, Ruleset, as_it_is
from optbench.suite.sealed import MOST_SEALED
from optbench.suite.topic import Topic
from optbench.suite.workload import Workload
from optbench.trials.seeds import MOST_SEEDS

#: what a list of candidates holds
NAMES = "names of the suite's candidates or of registered optimizers"
Item = TypeVar("Item", Workload, Candidate)


class Suite(Model):
    """A suite as `load` gives it: complete and valid. `model_dump(mode="json")` says all that a run used.

    title         heads the page
    description   below it: what the suite asks
    ruleset       tuned, or tuning-free: see `optbench.suite.rulesets`
    seeds         how many fresh seeds each selected setting is judged by
    seed          the root of the search's chance
    baseline      the candidate that others are related to
    focus         candidates that the run is about: each is compared with every other, and with nobody else
    equal         margins within which candidates count as equal
    sealed        how many variants are drawn for its candidates: see `optbench.suite.sealed`
    controls      whether the claims are known to be true, so that what is judged by them is this installation
    tuning        how every candidate is tuned
    workloads     what is trained
    candidates    who is compared
    designs       what was crossed into candidates: {design: {factor: levels, the plain one first}}
    claims        statements that the page judges
    topics        what the claims are about, where the page is to be read as a lesson
    provenance    where targets come from, by workload
    """

    title: Title
    description: Lines = ""
    ruleset: Ruleset = "tuned"
    seeds: Annotated[int, Field(ge=1, le=MOST_SEEDS)] = 10
    seed: Annotated[int, Field(ge=0, lt=2**63)] = 0
    baseline: str | None = None
    focus: Annotated[tuple[str, ...], Field(strict=False)] = ()
    equal: Margins = Margins()
    sealed: Annotated[int, Field(ge=0, le=MOST_SEALED)] = 0
    controls: bool = False
    tuning: Tuning = Tuning()
    workloads: Annotated[tuple[Workload, ...], Field(strict=False)] = ()
    candidates: Annotated[tuple[Candidate, ...], Field(strict=False)] = ()
    designs: Designs = Field(default_factory=dict)
    claims: Annotated[tuple[Claim, ...], Field(strict=False)] = ()
    topics: Annotated[tuple[Topic, ...], Field(strict=False)] = ()
    provenance: dict[str, Provenance] = Field(default_factory=dict)

    @field_validator("claims")
    @classmethod
    def _margins(cls, claims: tuple[Claim, ...], info: ValidationInfo) -> tuple[Claim, ...]:
        margins = info.data.get("equal", Margins())
        return tuple(
            claim.model_copy(update={"margin": margins.of(claim.metric)}) if claim.equal and not claim.margin else claim
            for claim in claims
        )

    def workload(self, name: str) -> Workload:
        """The workload of this name; raises `OptbenchError` with near names."""
        return _named("workload", name, self.workloads)

    def candidate(self, name: str) -> Candidate:
        """The candidate of this name; raises `OptbenchError` with near names."""
        return _named("candidate", name, self.candidates)

    def studies(self, workload: Workload) -> int:
        """How many studies each candidate has on this workload."""
        return workload.studies or self.tuning.studies

    def variants(self, workload: Workload) -> tuple[Workload, ...]:
        """The held-out variants of a workload."""
        return tuple(w for w in self.workloads if w.variant_of == workload.name)

    def pairs(self) -> Iterator[tuple[Workload, Candidate]]:
        """Every workload that is tuned on, with every candidate that runs on it, in the suite's order."""
        for workload in self.workloads:
            for candidate in self.candidates:
                if workload.variant_of is None and candidate.runs_on(workload):
                    yield workload, candidate

    def limited(
        self,
        registry: Registry,
        candidates: Sequence[str | Candidate] | None = None,
        workloads: Sequence[str] | None = None,
        seeds: int | None = None,
        trials: int | None = None,
        ruleset: str | None = None,
        focus: Sequence[str] | None = None,
        with_baseline: bool = False,
    ) -> "Suite":
        """The part of the suite that a command line asks for. Raises `OptbenchError`.

        A registered optimizer is a candidate by its name, searched in the ranges that it declares. A `Candidate` is
        taken as it is. Claims about what is left out are left out.

        focus           whom it is about; None: the suite's, and candidates that are not the suite's own
        with_baseline   whether the suite's baseline takes part though only others were asked for
        """
        chosen = self.candidates
        if candidates is not None and (asked := arguments.listed("candidates", candidates, f"a list of {NAMES}")):
            if with_baseline and self.baseline is not None:
                asked = [*asked, self.baseline]
            found = [self._candidate(one, registry) for one in asked]
            chosen = tuple({candidate.name: candidate for candidate in found}.values())
        works = self.workloads
        if workloads is not None and len(names := arguments.texts("workloads", workloads, "names of workloads")):
            # A variant's settings are selected on its base.
            named = [name for w in map(self.workload, names) for name in (w.base, w.name)]
            works = tuple(self.workload(name) for name in dict.fromkeys(named))
        chosen = tuple(c for c in chosen if any(map(c.runs_on, works)))
        works = tuple(w for w in works if any(c.runs_on(w) for c in chosen))
        if not works:
            raise OptbenchError("no candidate that was asked for runs on a workload that was asked for")
        ours, theirs = {c.name for c in chosen}, {w.name for w in works}
        own = {c.name for c in self.candidates}
        about = list(dict.fromkeys([*self.focus, *(c.name for c in chosen if c.name not in own)]))
        if focus is not None:
            about = list(dict.fromkeys(arguments.texts("focus", focus, "names of candidates")))
            if unknown := [name for name in about if name not in ours]:
                raise OptbenchError(f"focus: no candidate {unknown[0]!r} takes part; {near(unknown[0], ours)}")
        claims = tuple(c for c in self.claims if set(c.candidates) <= ours and set(c.workloads) <= theirs)
        told = {c.topic for c in claims} | {w.topic for w in works}
        if workloads is None:  # with all of them, also what is only explained
            told |= {t.name for t in self.topics} - {c.topic for c in self.claims} - {w.topic for w in self.workloads}
        tuning = self.tuning
        if trials is not None:
            tuning = tuning.limited(arguments.whole("trials", trials, 1, MOST_TRIALS))
        if seeds is not None:
            seeds = arguments.whole("seeds", seeds, 1, MOST_SEEDS)
        rules = self.ruleset if ruleset is None else arguments.choice("ruleset", ruleset, RULESETS)
        if rules == "tuned" and self.ruleset != "tuned":
            raise OptbenchError("--ruleset tuned: the suite is tuning-free, it says nothing about tuning")
        limited = self.model_copy(
            update={
                "candidates": chosen,
                "workloads": works,
                "claims": claims,
                "topics": tuple(t for t in self.topics if t.name in told),
                "provenance": {n: p for n, p in self.provenance.items() if n in theirs},
                "tuning": tuning,
                "seeds": self.seeds if seeds is None else seeds,
                "baseline": self.baseline if self.baseline in ours else None,
                "focus": tuple(name for name in about if name in ours),
            }
        )
        return limited.tuning_free() if rules == "tuning-free" else limited

    def tuning_free(self) -> "Suite":
        """The suite by the ruleset "tuning-free": every candidate as it is, nothing searched."""
        return self.model_copy(
            update={
                "ruleset": "tuning-free",
                "tuning": self.tuning.model_copy(update={"method": "none"}),
                "candidates": tuple(map(as_it_is, self.candidates)),
            }
        )

    def _candidate(self, name: str | Candidate, registry: Registry) -> Candidate:
        if isinstance(name, Candidate):
            return name
        name = arguments.text("candidates", name, f"a list of {NAMES}")
        for candidate in self.candidates:
            if candidate.name == name:
                return candidate
        optimizers = registry.components["optimizers"]
        if name in optimizers or name in registry.unavailable["optimizers"] or registry.resolves(name):
            registry.entry("optimizers", name)  # which says why, where it cannot be used
            # A path may be longer than a name: its end says most.
            table = {"name": name if len(name) <= LONGEST else name[-LONGEST:], "optimizer": name}
            return candidate_of(table, registry)
        hint = registry.hint(name, {*(c.name for c in self.candidates), *optimizers}, ["optimizers"])
        if ":" in name:
            last = name.rpartition(":")[2]
            hint = f"of a file write ./FILE.py:{last}; a library's class needs its plugin, such as optbench-torch"
        message = f"there is no candidate {name!r} in the suite and no optimizer of this name; {hint}"
        broken = [str(p) for p in registry.problems if name in str(p)]
        raise OptbenchError(message + (f" (not loaded: {broken[0]})" if broken else ""))


def _named(what: str, name: str, items: Sequence[Item]) -> Item:
    for item in items:
        if item.name == name:
            return item
    raise OptbenchError(f"there is no {what} {name!r} in the suite; {near(name, [i.name for i in items])}")
