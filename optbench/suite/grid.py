"""Grids: lists of components that are crossed into candidates.

    [[grid]]
    optimizer = ["sgd", "adam"]
    schedule = ["constant", "warmup"]

makes the candidates sgd, sgd+warmup, adam and adam+warmup. The first level of each list but the optimizer's is the
plain one, which names leave out. A suite as stored has these candidates, and in `designs` the factors with levels.

**Fractions.** "c = a * b" among factors of two levels keeps half of the cross: the cells in which the sign of c (first
level -1, second +1) is the product of the others'. The main effect of c is then aliased with the interaction of a and
b: the data cannot tell one from the other (Box, Hunter and Hunter 2005, chapter 6). "c = -a * b" keeps the other half.
"""

import math
from collections.abc import Iterator, Mapping
from itertools import product
from typing import Annotated, Any

from pydantic import Field, ValidationError, ValidationInfo, field_validator

from optbench.contract.arguments import short
from optbench.contract.errors import near
from optbench.registry.registry import Registry
from optbench.suite.base import Count, Label, Model, Name, as_problem, problem, registry_of, tables
from optbench.suite.references import searched

#: what can be crossed, in the order of a candidate's name
FACTORS = ("optimizer", "schedule", "initializer", "normalizer", "regularizer")
#: of which a candidate has a list, and a level may be none
LISTS = ("normalizer", "regularizer")
#: candidates of a grid, unless it says more
MOST = 64

Design = dict[str, tuple[str, ...]]
#: a level's label, and what a candidate has of it
Level = tuple[str, Any]


class Grid(Model):
    """See `[[grid]]` of a suite. A level is a component, by name or as a table with `label` for a name of its own; of
    normalizers and regularizers also a list of several, or "none".

    name         of the design, on the page
    optimizer, schedule, initializer, normalizer, regularizer  the levels of each factor, the plain one first
    generators   halve the cross, each once; see the module's text
    most         candidates that are meant at most
    workloads, batch_size, tuning   as of a candidate
    """

    name: Name = "grid"
    optimizer: Any = ("adam",)
    schedule: Any = None
    initializer: Any = None
    normalizer: Any = None
    regularizer: Any = None
    generators: Annotated[tuple[str, ...], Field(strict=False)] = ()
    most: Count = MOST
    workloads: Any = None
    batch_size: Any = None
    tuning: Any = None

    @field_validator(*FACTORS)
    @classmethod
    def _levels(cls, value: Any, info: ValidationInfo) -> tuple[Level, ...] | None:
        kind = str(info.field_name)
        if value is None and kind != "optimizer":
            return None
        if not isinstance(value, (list, tuple)) or not value:
            raise problem(f"must be a list of its levels, got {short(value)}")
        levels = tuple(_level(kind, item, registry_of(info), number) for number, item in enumerate(value))
        labels = [label for label, _ in levels]
        for number, label in enumerate(labels):
            if label in labels[:number]:
                raise problem(f"two levels are called {label!r}: give one a label, such as {{ …, label = \"b\" }}")
        return levels

    @field_validator("generators")
    @classmethod
    def _generated(cls, texts: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        levels = {factor: info.data.get(factor) for factor in FACTORS}
        made = [_generator(text, {f: len(found) for f, found in levels.items() if found}) for text in texts]
        for number, (left, _, _) in enumerate(made):
            if any(left in right for _, _, right in made) or left in [other for other, _, _ in made[:number]]:
                raise problem(f"{left} is in two of them: each generates a factor that no other names")
        return texts

    @property
    def factors(self) -> dict[str, tuple[Level, ...]]:
        """The factors with their levels, in the order of names."""
        return {factor: levels for factor in FACTORS if (levels := getattr(self, factor))}

    @property
    def size(self) -> int:
        """How many candidates it makes."""
        return math.prod(map(len, self.factors.values())) >> len(self.generators)

    @property
    def design(self) -> Design:
        """The labels of the factors that have several levels."""
        return {f: tuple(label for label, _ in levels) for f, levels in self.factors.items() if len(levels) > 1}

    def cells(self) -> Iterator[dict[str, int]]:
        """The number of the level of each factor, a candidate each; fewer by the generators."""
        counts = {factor: len(levels) for factor, levels in self.factors.items()}
        made = [_generator(text, counts) for text in self.generators]
        for numbers in product(*map(range, counts.values())):
            cell = dict(zip(counts, numbers, strict=True))
            signs = {factor: 2 * number - 1 for factor, number in cell.items()}
            if all(signs[left] == sign * math.prod(signs[f] for f in right) for left, sign, right in made):
                yield cell

    def candidates(self) -> Iterator[dict[str, Any]]:
        """The tables of its candidates."""
        shared = {f: getattr(self, f) for f in ("workloads", "batch_size", "tuning") if getattr(self, f) is not None}
        for cell in self.cells():
            labels = {factor: self.factors[factor][number][0] for factor, number in cell.items()}
            name = "+".join(labels[f] for f, number in cell.items() if number or f == "optimizer")
            parts = {f"{f}s" if f in LISTS else f: self.factors[f][number][1] for f, number in cell.items()}
            levels = {factor: labels[factor] for factor in self.design}
            yield {"name": name, **parts, **shared, "design": self.name, "levels": levels}


class Grids(Model):
    """All grids of a suite."""

    grid: Annotated[tuple[Grid, ...], Field(strict=False)]


def crossed(raw: Mapping[str, Any], registry: Registry) -> tuple[dict[str, Any], list[str], ValidationError | None]:
    """(the suite's table with the candidates and designs of its grids, problems, what was wrong with fields of grids).

    A suite that is crossed already stays as it is.
    """
    if "grid" not in raw:
        return dict(raw), [], None
    rest = {key: value for key, value in raw.items() if key != "grid"}
    try:
        grids = Grids.model_validate({"grid": raw["grid"]}, context={"registry": registry}).grid
    except ValidationError as error:
        return rest, [], error
    taken = {str(table.get("name")): "candidates" for _, table in tables(raw, "candidates")}
    designs = dict(raw["designs"]) if isinstance(raw.get("designs"), Mapping) else {}
    candidates = list(raw.get("candidates") or ()) if isinstance(raw.get("candidates", ()), (list, tuple)) else []
    problems = []
    for number, grid in enumerate(grids):
        where = f'grid[{number}] "{grid.name}"'
        if not grid.design:
            problems.append(f"{where}: nothing is crossed: no factor has two levels")
        if grid.name in designs:
            problems.append(f"{where}: name: there is another design of this name: give each grid its own")
        if grid.size > grid.most:
            crossing = " x ".join(str(len(levels)) for levels in grid.factors.values() if len(levels) > 1)
            halved = f", halved {len(grid.generators)} times" if grid.generators else ""
            problems.append(
                f"{where}: {crossing}{halved} are {grid.size} candidates, more than {grid.most}: "
                "name fewer levels, halve it by generators, or raise most"
            )
            continue
        designs[grid.name] = grid.design
        for table in grid.candidates():
            if table["name"] in taken:
                problems.append(
                    f"{where}: a candidate would be called {table['name']!r}, a name that is taken in "
                    f"{taken[table['name']]}: give a level another label"
                )
            taken[table["name"]] = where
            candidates.append(table)
    return {**rest, "candidates": candidates, "designs": designs}, problems, None


def design_problems(raw: Mapping[str, Any]) -> Iterator[str]:
    """Candidates whose design is not there, or whose levels are not the design's, or another's."""
    designs = raw.get("designs")
    known = designs if isinstance(designs, Mapping) else {}
    cells: dict[Any, Any] = {}
    for number, table in tables(raw, "candidates"):
        where = f'candidates[{number}] "{table.get("name")}"'
        design, levels = table.get("design"), table.get("levels")
        if design is None or not isinstance(design, str):
            if levels:
                yield f"{where}: levels: of which design? name it, such as design = \"grid\""
            continue
        if design not in known:
            yield f"{where}: design: there is no design {design!r}; {near(design, known)}"
            continue
        factors = known[design] if isinstance(known[design], Mapping) else {}
        levels = levels if isinstance(levels, Mapping) else {}
        if set(levels) != set(factors):
            yield f"{where}: levels: must say one of each factor of design {design!r}: {', '.join(map(str, factors))}"
            continue
        for factor, level in levels.items():
            names = factors[factor] if isinstance(factors[factor], (list, tuple)) else ()
            if isinstance(level, str) and level not in names:
                yield f"{where}: levels: {factor} has no level {level!r}; {near(level, map(str, names))}"
        cell = (design, *sorted((str(f), str(level)) for f, level in levels.items()))
        if cell in cells:
            yield f"{where}: levels: they are those of {cells[cell]!r}, too"
        cells.setdefault(cell, table.get("name"))


def _level(kind: str, item: Any, registry: Registry, number: int) -> Level:
    """The label, and the candidate's table (list of tables) of one level."""
    label = None
    if isinstance(item, Mapping) and "label" in item:
        label, item = item["label"], {key: value for key, value in item.items() if key != "label"}
        if set(item) == {"several"} and kind in LISTS:
            item = item["several"]
    if kind in LISTS:
        parts = [] if item == "none" else list(item) if isinstance(item, (list, tuple)) else [item]
    else:
        parts = [item]
    with as_problem():
        found = [searched(f"{kind}s", part, registry, kind == "optimizer") for part in parts]
    if label is None:
        label = "-".join(table["name"] for table in found) or "none"
    if not isinstance(label, str) or not label or "+" in label:
        raise problem(f"level {number}: label must be a text without +, got {short(label)}")
    return label, found if kind in LISTS else found[0]


def _generator(text: str, counts: Mapping[str, int]) -> tuple[str, int, list[str]]:
    """(the factor that it generates, the sign, the factors whose product it is)."""
    left, equals, right = text.partition("=")
    right = right.strip()
    sign = -1 if right.startswith("-") else 1
    names = [name.strip() for name in right.removeprefix("-").split("*")]
    every = [left.strip(), *names]
    if not equals or len(names) < 2 or not all(every):
        raise problem(f'must be such as "regularizer = optimizer * schedule", got {short(text)}')
    for name in every:
        if name not in counts:
            raise problem(f"{text!r}: there is no factor {name!r} in this grid; {near(name, counts)}")
        if counts[name] != 2:
            raise problem(f"{text!r}: {name} has {counts[name]} levels: only factors of two can be halved")
    if len(set(every)) < len(every):
        raise problem(f"{text!r}: a factor is there twice")
    return left.strip(), sign, names


#: what a candidate's `levels` and a suite's `designs` hold
Levels = Annotated[dict[str, Label], Field(strict=False)]
Designs = dict[Name, dict[str, Annotated[tuple[Label, ...], Field(strict=False, min_length=2)]]]
