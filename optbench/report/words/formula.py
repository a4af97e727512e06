r"""Formulas for a terminal: mathtext in one line of Unicode, `v \leftarrow \beta\, v` as v ← β v.

What stands above or below becomes superscripts and subscripts where it is short and all its characters have such a
form, else it stands behind ^ or _. A fraction is a quotient. A command that is not known stays as its name.
"""

import re
import unicodedata
from collections.abc import Iterator

SIGNS = {
    "leftarrow": "←", "rightarrow": "→", "approx": "≈", "cdot": "·", "odot": "⊙", "times": "×", "nabla": "∇",
    "partial": "∂", "sum": "Σ", "prod": "Π", "in": "∈", "sim": "~", "leq": "≤", "geq": "≥", "neq": "≠", "pm": "±",
    "infty": "∞", "Vert": "‖", "vert": "|", "lfloor": "⌊", "rfloor": "⌋", "dots": "…", "ldots": "…", "cdots": "…",
    "mathcal": "", "mathrm": "", "mathbf": "", "mathit": "", "text": "", "operatorname": "", "left": "", "right": "",
    "quad": "   ", "qquad": "   ", ",": " ", ":": " ", ";": " ", " ": " ", "!": "", "{": "{", "}": "}", "%": "%",
}  # fmt: skip
GREEK = (
    "alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota", "kappa", "lambda", "mu", "nu", "xi",
    "omicron", "pi", "rho", "sigma", "tau", "upsilon", "phi", "chi", "psi", "omega",
)  # fmt: skip
ACCENTS = {"hat": "\u0302", "tilde": "\u0303", "bar": "\u0304", "dot": "\u0307"}
ABOVE = dict(zip("0123456789+-=()abcdeijklmnoprstuvwxyz", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ᵃᵇᶜᵈᵉⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻ", strict=True))
BELOW = dict(zip("0123456789+-=()aeijklmnoprstuvx", "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎ₐₑᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ", strict=True))

#: letters of a word that are raised or lowered; longer ones are hard to read
LONGEST = 3

_TOKEN = re.compile(r"\\([A-Za-z]+|.)|(.)", re.DOTALL)


def formula_text(formula: str) -> str:
    """One line of mathtext (without dollar signs) as text."""
    text = _tight(_row(_tokens(formula)))
    return re.sub(r" {4,}", "   ", re.sub(r"(?<! ) {2}(?! )", " ", text)).strip()


def _tight(text: str) -> str:
    """Without the blanks that only end a command, or stand within bars and brackets."""
    text = re.sub(r"([∇∂]) +", r"\1", text)
    text = re.sub(r"‖ *([^‖]*?) *‖", r"‖\1‖", text)
    text = re.sub(r"\| *([^|]*?) *\|", r"|\1|", text)
    return re.sub(r"(?<=[(⌊\[]) +| +(?=[)⌋\]])", "", text)


def _tokens(formula: str) -> list[str]:
    """Commands with their backslash, all else by characters; blanks mean nothing in a formula but are kept apart."""
    return [f"\\{command}" if command else character for command, character in _TOKEN.findall(formula)]


def _row(tokens: list[str], end: str = "") -> str:
    """What stands in a row, up to `end`; takes from `tokens` what it has read."""
    parts: list[str] = []
    while tokens:
        if tokens[0] == end:
            del tokens[0]
            break
        parts.append(_one(tokens, parts))
    return "".join(parts)


def _one(tokens: list[str], before: list[str]) -> str:
    token = tokens.pop(0)
    if token == "{":
        return _row(tokens, "}")
    if token in "^_":
        return _raised(_argument(tokens), token)
    if token == "-":
        return "−"
    if not token.startswith("\\"):
        return token
    name = token[1:]
    if name in ("frac", "dfrac", "tfrac"):
        over, under = _argument(tokens), _argument(tokens)
        return f"{_closed(_tight(over))}/{_closed(_tight(under))}"
    if name == "sqrt":
        root = _argument(tokens).strip()
        return f"√{root}" if len(root) == 1 else f"√({root})"
    if name in ACCENTS:
        under = _argument(tokens) or " "
        return unicodedata.normalize("NFC", under[0] + ACCENTS[name]) + under[1:]
    if name.startswith("var") and name[3:] in GREEK:
        name = name[3:]
    if name.lower() in GREEK:
        case = "SMALL" if name.islower() else "CAPITAL"
        word = "LAMDA" if name.lower() == "lambda" else name.upper()
        return unicodedata.lookup(f"GREEK {case} LETTER {word}")
    return SIGNS.get(name, name)


def _argument(tokens: list[str]) -> str:
    while tokens and tokens[0] == " ":
        del tokens[0]
    return _one(tokens, []) if tokens else ""


def _raised(text: str, sign: str) -> str:
    """What stands above or below the line."""
    text = text.strip()
    forms = ABOVE if sign == "^" else BELOW
    letters = [forms.get(letter, "") for letter in text.replace("−", "-").replace(" ", "")]
    if all(letters) and not (text.isalpha() and len(text) > LONGEST):
        return "".join(letters)
    return f"{sign}{text}" if text.isalnum() or text.startswith("[") else f"{sign}({text})"


def _closed(text: str) -> str:
    """In brackets where it is more than one thing."""
    text = text.strip()
    return f"({text})" if re.search(r"[ +−/]", re.sub(r"\[.*?\]|[‖|].*?[‖|]|^√\([^()]*\)$", "", text)) else text


def formula_lines(formulas: str) -> Iterator[str]:
    """The lines of a topic's formulas."""
    for line in formulas.splitlines():
        if line.strip():
            yield formula_text(line.strip())
