"""What `optbench show` says."""

import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from optbench.report.words.numbers import number

WIDTH = 100
#: so many places of a standing, workloads and candidates of a suite are shown; `--json` has all
SHOWN = 6


def about_lines(found: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Everything of one name: which kinds have it, and each of them."""
    if len(found) > 1:
        kinds = ", ".join(str(one["kind"]) for one in found)
        yield f"{found[0]['name']} is the name of several kinds: {kinds} (--kind says which)"
        yield ""
    says = {"suite": _suite, "workload": _workload, "candidate": _candidate}
    for place, one in enumerate(found):
        if place:
            yield ""
        yield f"{one['name']}: {one['kind']}{_whose(one)}"
        yield from says.get(one["kind"], _component)(one)


def _whose(one: Mapping[str, Any]) -> str:
    if one.get("suite"):
        also = f" (also in {', '.join(one['also_in'])}: --suite says which)" if one["also_in"] else ""
        return f" of suite {one['suite']}{also}"
    via = f", its arithmetic is that of {one['bridge']}" if one.get("bridge") else ""
    return f" of {one.get('provider', '')} {one.get('version') or ''}".rstrip() + via


def row(label: str, text: str) -> Iterator[str]:
    """A label and its text, wrapped beside it."""
    lines = textwrap.wrap(text, WIDTH - 14, break_long_words=False, break_on_hyphens=False) or [""]
    for place, line in enumerate(lines):
        yield f"  {label if not place else '':<11} {line}".rstrip()


def table(rows: Sequence[Sequence[str]], right: Iterable[int] = ()) -> Iterator[str]:
    """Rows as columns; numbers of columns that stand on the right."""
    widths = [max(len(one[k]) for one in rows) for k in range(len(rows[0]))]
    right = set(right)
    for one in rows:
        places = enumerate(zip(one, widths, strict=True))
        cells = [cell.rjust(width) if k in right else cell.ljust(width) for k, (cell, width) in places]
        yield f"    {'  '.join(cells)}".rstrip()


# ------------------------------------------------------------------------------------------------------ components


def _component(one: Mapping[str, Any]) -> Iterator[str]:
    yield ""
    for line in str(one["text"] or one["description"]).splitlines():
        yield f"  {line}".rstrip()
    yield ""
    if one["reference"]:
        yield from row("source", str(one["reference"]))
    for case in one["special_cases"]:
        yield from row("equals", f"{case['name']}{_with(case['settings'])}{_with(case['others'], ' beside')}")
    if one["needs"]:
        yield from row("needs", ", ".join(one["needs"]))
    if one["hyperparameters"]:
        yield "  hyperparameters"
        rows = [("name", "default", "searched", "valid", "")]
        for name, h in one["hyperparameters"].items():
            rows.append((name, _value(h["default"]), _range(h), h["valid"] or "", h["help"]))
        yield from table(rows)
    if one["data"]:
        yield from _data(one["data"])
    if one["cost"]:
        cost = one["cost"]
        beside = f"{cost['times_sgd']:.2f} times that of sgd (timed now)"
        yield from row("cost", f"{seconds(cost['seconds'])} a step of {cost['workload']}, {beside}")
    if one["standing"]:
        yield "  where it did best, in reference results (place by median time to the target)"
        places: list[Sequence[str]] = [("suite", "workload", "candidate", "place", "steps", "result")]
        for at in one["standing"][:SHOWN]:
            steps = "missed" if at["steps"] is None else number(at["steps"])
            result = "" if at["result"] is None else f"{number(at['result'])} {at['metric']}"
            places.append((at["suite"], at["workload"], at["candidate"], f"{at['place']}/{at['of']}", steps, result))
        yield from table(places, right=(3, 4))
        if (rest := len(one["standing"]) - SHOWN) > 0:
            yield f"    and {rest} more: --json has all"


def _with(settings: Mapping[str, Any], word: str = " with") -> str:
    return f"{word} {', '.join(f'{k} = {v}' for k, v in settings.items())}" if settings else ""


def _value(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def _range(hyper: Mapping[str, Any]) -> str:
    if hyper["choices"]:
        return "one of " + ", ".join(map(str, hyper["choices"]))
    if hyper["low"] is None:
        return "not searched"
    return f"{_value(hyper['low'])} to {_value(hyper['high'])}, {hyper['scale']}"


def seconds(value: float | None) -> str:
    """A duration in the unit that fits it."""
    if value is None:
        return "not known"
    for unit, size in (("h", 3600.0), ("min", 60.0), ("s", 1.0), ("ms", 1e-3)):
        if value >= size * (2 if unit in ("h", "min") else 1):
            return f"{value / size:.3g} {unit}"
    return f"{value * 1e6:.3g} us"


# ------------------------------------------------------------------------------------------------------- workloads


def _workload(one: Mapping[str, Any]) -> Iterator[str]:
    for label, field in (("what", "title"), ("family", "family"), ("shows", "shows")):
        if one[field]:
            yield from row(label, str(one[field]))
    if one["network"]:
        yield from _network(one["network"])
    if one["problem"]:
        problem = one["problem"]
        settings = ", ".join(f"{k} = {v}" for k, v in problem["settings"].items())
        count = f"{problem['parameters']:,} parameters" if problem["parameters"] is not None else ""
        yield from row(problem["kind"], ", ".join(filter(None, [problem["name"], count, settings])))
    if one["data"]:
        yield from _data(one["data"])
    budget = f"{one['epochs']} epochs" if one["epochs"] else f"{one['steps']} steps"
    batch = f"batches of {one['batch_size']}, " if one["batch_size"] not in (None, "full") else ""
    batch = "the full batch, " if one["batch_size"] == "full" else batch
    yield from row("budget", f"{budget}, {batch}{one['dtype']}")
    usual = [f"initializer {one['initializer']}", f"schedule {one['schedule']}"]
    usual += [f"normalizer {name}" for name in one["normalizers"]]
    usual += [f"regularizer {name}" for name in one["regularizers"]]
    yield from row("components", ", ".join(usual) + " (of candidates that name none)")
    if target := one["target"]:
        levels = ", ".join(f"{v:g}" for v in target["ladder"] or [target["value"]])
        yield from row("target", f"{target['metric']} {levels}")
    else:
        yield from row("target", "none")
    if origin := one["provenance"]:
        told = [origin["procedure"], origin["date"], f"optbench {origin['version']}" if origin["version"] else ""]
        told.append(f"baselines {', '.join(origin['candidates'])}" if origin["candidates"] else "")
        if origin["reached"] is not None:
            told.append(f"{origin['reached']:.0%} of {origin['runs']} runs reach it")
        yield from row("", "; ".join(filter(None, told)))
    if one["variants"]:
        yield from row("variants", ", ".join(one["variants"]))
    if noise := one["noise"]:
        parts = []
        if noise["steps"] is not None:
            parts.append(f"times to the target differ by {100 * noise['steps']:.2g} % from seed to seed")
        if noise["result"] is not None:
            parts.append(f"final results by {number(noise['result'])}")
        of = f" (standard deviation, median of {noise['candidates']} reference candidates with {noise['seeds']} seeds)"
        yield from row("noise", ", ".join(parts) + of)


def _network(network: Mapping[str, Any]) -> Iterator[str]:
    yield f"  {'network':<11} {network['kind']}, {network['parameters']:,} parameters, loss {network['loss']}"
    rows = [("layer", "output", "parameters"), ("input", _shape(network["input"]), "")]
    for layer in network["layers"]:
        inner = ", ".join(f"{k} {_setting(v)}" for k, v in layer["settings"].items())
        count = f"{layer['parameters']:,}" if layer["parameters"] else ""
        rows.append((layer["layer"] + (f" ({inner})" if inner else ""), _shape(layer["output"]), count))
    lines = list(table(rows, right=(2,)))
    yield lines[0]
    for place, line in enumerate(lines[1:]):  # drawn from the input down
        mark = "┌" if not place else "└" if place == len(lines) - 2 else "│"
        yield f"  {mark} {line[4:]}"


def _shape(shape: Sequence[int]) -> str:
    return " x ".join(map(str, shape))


def _setting(value: Any) -> str:
    return " → ".join(map(str, value)) if isinstance(value, list) else _value(value)


def _data(data: Mapping[str, Any]) -> Iterator[str]:
    shares = ", ".join(f"{count:,} for {name}" for name, count in data["examples"].items())
    total = f"{sum(data['examples'].values()):,} {'nodes' if data['task'] == 'nodes' else 'examples'} ({shares})"
    yield from row("data", f"{data['name']}, {total} of shape {_shape(data['shape'])}")
    classes = f", {len(data['classes'])} classes" if data["classes"] else ""
    yield from row("", f"{data['task']}, metric {data['metric']}{classes}")
    if data["source"]:
        yield from row("", str(data["source"]))


# ---------------------------------------------------------------------------------------------------------- suites


def _suite(one: Mapping[str, Any]) -> Iterator[str]:
    yield from row("what", str(one["title"]))
    if one["description"]:
        yield from row("", " ".join(str(one["description"]).split()))
    tuning = one["tuning"]
    studies = "one study" if tuning["studies"] == 1 else f"{tuning['studies']} studies"
    how = f"{tuning['method']}, {studies} of {tuning['trials']} trials for each candidate on a workload"
    yield from row("tuning", how if one["ruleset"] == "tuned" and tuning["method"] != "none" else "none")
    yield from row("seeds", f"{one['seeds']} fresh ones of each selected setting, baseline {one['baseline'] or 'none'}")
    about = f"about {seconds(one['seconds'])} in one process (a rough estimate)" if one["seconds"] else "time not known"
    yield from row("trials", f"{one['trials']:,} at most, {about}")
    more = [f"{one['claims']} claims judged"] if one["claims"] else []
    more += ["reference results are installed: --against reference"] if one["reference"] else []
    if more:
        yield from row("", "; ".join(more))
    yield f"  workloads ({len(one['workloads'])})"
    rows = [("name", "budget", "trials", "about", "target")]
    for w in one["workloads"]:
        budget = f"{w['epochs']} epochs" if w["epochs"] else f"{w['steps']} steps"
        target = f"{w['target']['metric']} {w['target']['value']:g}" if w["target"] else ""
        rows.append((w["name"], budget, f"{w['trials']:,}", seconds(w["seconds"]), target))
    yield from table(rows, right=(1, 2, 3))
    yield f"  candidates ({len(one['candidates'])})"
    made: list[Sequence[str]] = [("name", "made of", "searched")]
    for c in one["candidates"]:
        made.append((c["name"], _parts(c), ", ".join(path.removeprefix("optimizer.") for path in c["searched"])))
    yield from table(made)


def _parts(candidate: Mapping[str, Any]) -> str:
    names = [candidate[part] for part in ("optimizer", "schedule", "initializer") if candidate[part]]
    return " + ".join([*names, *candidate["normalizers"], *candidate["regularizers"]])


def _candidate(one: Mapping[str, Any]) -> Iterator[str]:
    if one["title"]:
        yield from row("what", str(one["title"]))
    for part in ("optimizer", "schedule", "initializer", "normalizers", "regularizers"):
        tables = one[part] if isinstance(one[part], list) else [one[part]] if one[part] else []
        for t in tables:
            settings = {k: v for k, v in t.items() if k not in ("name", "search")}
            searched = ", ".join(t.get("search", {}))
            told = ", ".join(f"{k} = {_value(v)}" for k, v in settings.items())
            yield from row(part.removesuffix("s"), f"{t['name']}" + (f": {told}" if told else ""))
            if searched:
                yield from row("", f"searched: {searched}")
    if one["workloads"]:
        yield from row("workloads", ", ".join(one["workloads"]))
