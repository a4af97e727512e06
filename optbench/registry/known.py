"""Names that come with plugins which are known, and may not be installed: who asks for one is told where it is.

`known.json` has them, {distribution: {kind: names}}; `.ci/known` writes it anew from the plugins of this repository.
"""

import difflib
import json
from collections.abc import Collection, Iterable
from functools import cache
from importlib.resources import files

#: a name that nobody has is near one of a plugin's where they are so much alike
CUTOFF = 0.8


@cache
def known() -> dict[str, dict[str, list[str]]]:
    """{distribution: {kind (plural): names}}."""
    found: dict[str, dict[str, list[str]]] = json.loads((files(__package__) / "known.json").read_text(encoding="utf-8"))
    return found


def elsewhere(name: str, kinds: Iterable[str], loaded: Collection[str], here: Iterable[str]) -> str:
    """Where a name is, or one that is almost the same, that is not registered: "lion is in optbench-lion and
    pytorch-optimizer/lion in optbench-torch, not installed here"; empty where no plugin that is known has it.

    kinds    only of these, in the plural
    loaded   distributions that are there: what they have has been looked through
    here     names that are registered: the same of another library is no news
    """
    kinds = list(kinds)
    forms: dict[str, list[tuple[str, str]]] = {}
    for distribution, offers in known().items():
        if distribution in loaded:
            continue
        for one in dict.fromkeys(one for kind in kinds for one in offers.get(kind, ())):
            for form in {bare(one), bare(one.rpartition("/")[2])}:
                forms.setdefault(form, []).append((distribution, one))
    asked = bare(name)
    if asked not in forms:
        (asked,) = difflib.get_close_matches(asked, forms, n=1, cutoff=CUTOFF) or [""]
    if asked not in forms or asked in set(map(bare, here)):
        return ""
    first, *rest = sorted(forms[asked], key=lambda place: ("/" in place[1], place))
    told = [f"{first[1]} is in {first[0]}", *(f"{one} in {distribution}" for distribution, one in rest)]
    return ", ".join(told[:-1]) + (" and " if rest else "") + f"{told[-1]}, not installed here"


def bare(name: str) -> str:
    """A name without case and signs between words: libraries write AdamW, adam_w and adam-w."""
    return "".join(c for c in name.lower() if c.isalnum() or c == "/")
