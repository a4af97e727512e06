"""English text that comes with Python, as tokens whose next one is to be told: the data of language models."""

import hashlib
import platform
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module

import numpy as np

from optbench.contract.dataset import Data, Dataset
from optbench.contract.errors import OptbenchError
from optbench.contract.hyperparameters import hyper


@dataclass(frozen=True)
class Text(Dataset):
    """Stretches of Python's language reference; subclasses say what a symbol is.

    x   tokens (examples, length): the text cut into stretches that follow each other, the rest left out
    y   at each position the token that comes next, the last one's from the beginning of the next stretch

    Tokens are numbered from the most frequent symbol to the rarest, equal ones in the order of their characters; the
    last token is all that is rarer. The count is of the whole text, whichever stretches are used or held out.
    """

    task = "sequence"
    length: int = hyper(32, valid="[1, inf)", help="tokens in an example")
    vocabulary: int = hyper(1000, valid="[2, inf)", help="the most frequent symbols, and one token for all others")
    samples: int = hyper(0, valid="[0, inf)", help="stretches to use, from the beginning of the text; 0: all")

    def symbols(self, text: str) -> Sequence[str]:
        """The text after its cleaning, symbol by symbol."""
        raise NotImplementedError

    def load(self, rng: np.random.Generator) -> Data:
        """Raises `OptbenchError` where the text is missing or shorter than what is asked for."""
        length = self.length
        text = language_reference(self.name)
        symbols = self.symbols(text)
        tokens = numbered(symbols, self.vocabulary)
        count = (len(tokens) - 1) // length
        if count < max(self.samples, 2):
            raise OptbenchError(
                f"dataset {self.name}: samples = {self.samples}, but the text has {len(tokens)} tokens, {count} "
                f"stretches of length {length}"
            )
        count = self.samples or count
        x = tokens[: count * length].reshape(count, length)
        y = tokens[1 : count * length + 1].reshape(count, length)
        said = {
            "source": self.source,
            "version": f"Python {platform.python_version()}",
            "sha256": hashlib.sha256(text.encode()).hexdigest(),
            "tokens": f"{len(tokens)}, of {len(set(symbols))} different symbols",
        }
        return Data(x.astype(np.float64), y.copy(), said, vocabulary=self.vocabulary)


def language_reference(dataset: str) -> str:
    """The topics of Python's `help`, in the order of their names."""
    try:
        topics = import_module("pydoc_data.topics").topics
    except ImportError as error:
        raise OptbenchError(
            f"dataset {dataset}: its text is Python's own pydoc_data.topics, which this Python lacks; a complete "
            "standard library has it"
        ) from error
    return "\n\n".join(topics[name] for name in sorted(topics))


def numbered(symbols: Sequence[str], vocabulary: int) -> np.ndarray:
    """(symbols,) the rank of each by frequency, from 0, and vocabulary - 1 for all behind."""
    often = Counter(symbols)
    kept = sorted(often, key=lambda symbol: (-often[symbol], symbol))[: vocabulary - 1]
    rank = {symbol: number for number, symbol in enumerate(kept)}
    return np.array([rank.get(symbol, vocabulary - 1) for symbol in symbols], np.int64)


@dataclass(frozen=True)
class TextCharacters(Text):
    """Python's language reference, character by character.

    Cleaning: lines without a letter or digit (rules of headings and tables) are left out, and whatever blanks and line
    breaks come together become one blank.

    x   tokens (examples, length): the text cut into stretches that follow each other, the rest left out
    y   at each position the token that comes next

    Token 0 is the most frequent character, the blank; the last stands for all rarer ones. About 417,000 characters in
    Python 3.11, others in another version of Python: results on another text have other keys, and do not mix.
    """

    name = "text-characters"
    source = "Python's language reference, from its standard library (pydoc_data.topics); licence: PSF-2.0"
    reference = "Sutskever, Martens and Hinton 2011, Generating Text with Recurrent Neural Networks"
    vocabulary: int = hyper(64, valid="[2, inf)", help="the most frequent characters, and one token for all others")

    def symbols(self, text: str) -> Sequence[str]:
        lines = (line for line in text.split("\n") if re.search(r"[A-Za-z0-9]", line))
        return " ".join(" ".join(lines).split())


@dataclass(frozen=True)
class TextWords(Text):
    """Python's language reference, word by word.

    Cleaning, as of the Penn Treebank for language models: words are runs of the letters a to z in lower case, a
    number is the word N, and everything else only separates words.

    x   tokens (examples, length): the text cut into stretches that follow each other, the rest left out
    y   at each position the token that comes next

    Token 0 is the most frequent word, "the"; the last stands for all rarer ones. About 66,000 words in Python 3.11, of
    which 3,100 are different; others in another version of Python: results on another text have other keys, and do
    not mix.
    """

    name = "text-words"
    source = "Python's language reference, from its standard library (pydoc_data.topics); licence: PSF-2.0"
    reference = "Mikolov et al. 2010, Recurrent neural network based language model"
    length: int = hyper(16, valid="[1, inf)", help="words in an example")

    def symbols(self, text: str) -> Sequence[str]:
        found = re.findall(r"[a-z]+|[0-9]+", text.lower())
        return ["N" if word[0].isdigit() else word for word in found]
