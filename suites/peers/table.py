"""The comparison as text."""

from typing import Any


def line(record: dict[str, Any]) -> str:
    """A row of a Markdown table: work, peer, ratio with quartiles, reach, both times."""
    reach = f"{'≥' if record['at_least'] else '≤'} {record['reach']:g}"
    start = f"| {record['work']} | {record['against']} |"
    if record["status"] == "not installed":
        return f"{start} {', '.join(record['missing'])} not installed | {reach} | |"
    if record["status"] == "failed":
        return f"{start} failed: {record['message'].splitlines()[-1]} | {reach} | |"
    # A difference of two times has no meaningful minimum.
    least = f"; least {record['least']:.3g}" if record["least"] > 0 else ""
    spread = f"{record['value']:.3g} ({record['low']:.3g} to {record['high']:.3g}{least})"
    times = f"{seconds(record['over'])} / {seconds(record['under'])} a {record['unit']}"
    return f"{start} {spread} | {reach}{'' if record['status'] == 'reached' else ' missed'} | {times} |"


def seconds(value: float) -> str:
    for unit, size in (("s", 1.0), ("ms", 1e-3)):
        if abs(value) >= size:
            return f"{value / size:.3g} {unit}"
    return f"{value * 1e6:.3g} us"


def machine_lines(date: str, machine: dict[str, Any]) -> str:
    names = ("numpy", "scikit-learn", "torch", "pytorch_optimizer", "jax", "optax")
    versions = ", ".join(f"{name} {machine['packages'].get(name, '?')}" for name in names)
    return (
        f"\n{date}, {machine['processor']}, {machine['cores']} cores, {machine['system']}, Python {machine['python']}\n"
        f"{versions}; {machine['blas']}; commit {machine['commit'] or 'unknown'}"
    )
