"""Sentences about results that were not all made here: a reference, machines, scaled seconds."""

from typing import Any

from optbench.report.words.numbers import plain


def reference_lines(results: Any) -> list[str]:
    """Which candidates are stored results, what they were made with, and what that means for seconds."""
    said = getattr(results, "reference", None) or {}
    lines = []
    if said:
        environment = said.get("environment") or {}
        version = (environment.get("packages") or {}).get("optbench")
        made = f"optbench {version}" if version else "an optbench that did not say its version"
        commit = f", commit {environment['commit']}" if environment.get("commit") else ""
        names = ", ".join(map(str, said.get("candidates", ())))
        lines.append(f"reference ({said.get('name')}; {made}{commit}): {names}: stored results, not run here")
        lines += map(str, said.get("notes", ()))
    lines += scaled_lines(getattr(results, "scaled", ()), bool(said))
    return [plain(line) for line in lines]


def scaled_lines(scaled: Any, reference: bool) -> list[str]:
    """How seconds of other machines were made comparable."""
    if not scaled:
        return []
    candidates = list(dict.fromkeys(s.candidate for s in scaled))
    by = list(dict.fromkeys(name for s in scaled for name in s.by))
    lost = list(dict.fromkeys(s.candidate for s in scaled if not s.by))
    factors = sorted(s.factor for s in scaled if s.by)
    lines = []
    if factors:
        span = f"{factors[0]:.2f}" + (f" to {factors[-1]:.2f}" if factors[-1] - factors[0] >= 0.01 else "")
        whose = "The reference's" if reference else f"{', '.join(candidates)}:"
        lines.append(
            f"steps compare across machines and versions. {whose} seconds were measured elsewhere and are multiplied "
            f"by {span}: how much longer a step of {', '.join(by)} takes here, which was timed in both places"
        )
    if lost:
        lines.append(f"no seconds for {', '.join(lost)}: nothing was timed on both machines")
    return lines
