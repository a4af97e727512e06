"""Sentences on the size of an effect, whole for each sense: another language has its words in another order."""

from typing import Literal

from optbench.language import N_
from optbench.language import gettext as _

Sense = Literal["Fewer", "More", "Narrower", "Wider", "Higher", "Lower"]

#: {sense: (with its verdict, of an undecided one)}
PLAIN: dict[Sense, tuple[str, str]] = {
    "Fewer": (N_("Fewer by {size}, {pairs}: {verdict}."), N_("Fewer by {size}, {pairs}.")),
    "More": (N_("More by {size}, {pairs}: {verdict}."), N_("More by {size}, {pairs}.")),
    "Narrower": (N_("Narrower by {size}, {pairs}: {verdict}."), N_("Narrower by {size}, {pairs}.")),
    "Wider": (N_("Wider by {size}, {pairs}: {verdict}."), N_("Wider by {size}, {pairs}.")),
    "Higher": (N_("Higher by {size}, {pairs}: {verdict}."), N_("Higher by {size}, {pairs}.")),
    "Lower": (N_("Lower by {size}, {pairs}: {verdict}."), N_("Lower by {size}, {pairs}.")),
}
#: of several workloads' effects, as shares
RELATIVE: dict[Sense, tuple[str, str]] = {
    "Fewer": (
        N_("{quantity}: {better} fewer than {worse} by {size}, {pairs}: {verdict}."),
        N_("{quantity}: {better} fewer than {worse} by {size}, {pairs}."),
    ),
    "More": (
        N_("{quantity}: {better} more than {worse} by {size}, {pairs}: {verdict}."),
        N_("{quantity}: {better} more than {worse} by {size}, {pairs}."),
    ),
    "Narrower": (
        N_("{quantity}: {better} narrower than {worse} by {size}, {pairs}: {verdict}."),
        N_("{quantity}: {better} narrower than {worse} by {size}, {pairs}."),
    ),
    "Wider": (
        N_("{quantity}: {better} wider than {worse} by {size}, {pairs}: {verdict}."),
        N_("{quantity}: {better} wider than {worse} by {size}, {pairs}."),
    ),
    "Higher": (
        N_("{quantity}: {better} higher than {worse} by {size}, {pairs}: {verdict}."),
        N_("{quantity}: {better} higher than {worse} by {size}, {pairs}."),
    ),
    "Lower": (
        N_("{quantity}: {better} lower than {worse} by {size}, {pairs}: {verdict}."),
        N_("{quantity}: {better} lower than {worse} by {size}, {pairs}."),
    ),
}
#: {verdict: (where the candidates differ, where they do not in any pair)} of a claim of equality
APART = {
    "supported": (
        N_("They differ by {size}, within {margin}, {pairs}: {verdict}."),
        N_("They do not differ in any pair, within {margin}, {pairs}: {verdict}."),
    ),
    "refuted": (
        N_("They differ by {size}, beyond {margin}, {pairs}: {verdict}."),
        N_("They do not differ in any pair, beyond {margin}, {pairs}: {verdict}."),
    ),
    "undecided": (N_("They differ by {size}, {pairs}."), N_("They do not differ in any pair, {pairs}.")),
}
#: as they stand in tables and sentences
VERDICTS = (
    N_("supported"), N_("refuted"), N_("undecided"), N_("Supported"), N_("Refuted"), N_("Undecided"),
)  # fmt: skip


def shape(sense: Sense, relative: bool, verdict: str) -> str:
    """The sentence of a difference, with fields size, pairs, verdict, and where relative quantity, better, worse."""
    return _((RELATIVE if relative else PLAIN)[sense][verdict == "undecided"])


def apart(verdict: str, differ: bool) -> str:
    """That of a claim of equality, with fields size, margin, pairs, verdict."""
    return _(APART[verdict][not differ])
