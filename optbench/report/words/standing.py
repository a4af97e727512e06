"""Which rows are of the last run and which only stand there from before; in which environment each was made."""

from collections.abc import Mapping
from string import ascii_uppercase
from typing import Any

from optbench.report.words.numbers import plain
from optbench.store.environment import DECISIVE, fields

Pair = tuple[str, str]
#: of an environment: what sets rows apart
APART = (*DECISIVE, "machine")
#: candidates that are named in one line of the terminal
NAMED = 6


def from_before(results: Any) -> dict[str, list[str]]:
    """{candidate: its workloads that the last run did not ask for}; empty where it asked for all there is."""
    now = getattr(results, "now", None) or set()
    found: dict[str, list[str]] = {}
    for workload, candidate in results.made_in if now else ():
        if (workload, candidate) not in now:
            found.setdefault(candidate, []).append(workload)
    order = [str(candidate.get("name")) for candidate in results.suite.get("candidates", ())] if found else []
    return {name: sorted(found[name]) for name in dict.fromkeys([*order, *found]) if name in found}


def standing_lines(results: Any) -> list[str]:
    """A line on what was not run now, but stands in the tables."""
    old = from_before(results)
    if not old:
        return []
    now = {candidate for _, candidate in results.now}
    told = [name if name not in now else f"{name} (on {', '.join(works)})" for name, works in old.items()]
    return [plain(f"from before, not run now: {', '.join(told)}; --only shows what was run now alone")]


def letters(results: Any) -> tuple[dict[Pair, str], list[str]]:
    """({(workload, candidate): letters of its environments}, a legend); nothing where there is but one."""
    seen: dict[tuple[str, ...], str] = {}
    marks: dict[Pair, set[str]] = {}
    for pair, environments in (getattr(results, "made_in", None) or {}).items():
        for environment in environments:
            known = fields(environment)
            letter = seen.setdefault(tuple(known.get(name, "") for name in APART), _letter(len(seen)))
            marks.setdefault(pair, set()).add(letter)
    if len(seen) < 2:
        return {}, []
    differing = [i for i in range(len(APART)) if len({key[i] for key in seen}) > 1]
    legend = [
        plain(f"{letter}: " + ", ".join(f"{_name(i)} {key[i] or 'unknown'}" for i in differing))
        for key, letter in seen.items()
    ]
    return {pair: _joined(found) for pair, found in marks.items()}, legend


def of_candidates(marks: Mapping[Pair, str]) -> dict[str, str]:
    """{candidate: letters of all its environments}."""
    found: dict[str, set[str]] = {}
    for (_, candidate), text in marks.items():
        found.setdefault(candidate, set()).update(text.split("+"))
    return {candidate: _joined(letters) for candidate, letters in found.items()}


def environment_lines(results: Any) -> list[str]:
    """A line on which candidates were run in which of several environments."""
    marks, legend = letters(results)
    groups: dict[str, list[str]] = {}
    for candidate, text in of_candidates(marks).items():
        groups.setdefault(text, []).append(candidate)
    if not groups:
        return []
    told = "; ".join(
        f"{text}: {', '.join(names if len(names) <= NAMED else [*names[:NAMED], f'{len(names) - NAMED} more'])}"
        for text, names in groups.items()
    )
    return [plain(f"made in {len(legend)} environments, {'; '.join(legend)}. Of candidates, {told}")]


def _letter(number: int) -> str:
    """A to Z, then A2 to Z2, …"""
    turn, place = divmod(number, len(ascii_uppercase))
    return ascii_uppercase[place] + (str(turn + 1) if turn else "")


def _joined(letters: set[str]) -> str:
    return "+".join(sorted(letters, key=lambda text: (len(text), text)))


def _name(number: int) -> str:
    return APART[number].removeprefix("packages.")
