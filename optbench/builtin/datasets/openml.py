"""The big public sets, fetched from OpenML once and then read from scikit-learn's cache folder.

All examples of a set are one pool, which is shuffled and split like any other: results do not compare with
those on a set's customary test split.
"""

import warnings
from dataclasses import dataclass
from math import prod
from typing import Any, ClassVar

import numpy as np

from optbench.contract.dataset import Data, Dataset
from optbench.contract.errors import OptbenchError


class OpenmlSet(Dataset):
    """A set from OpenML. Subclasses give its number, and how many values an example has."""

    #: the number at openml.org/d/…; asking by name would cost one more request
    data_id: ClassVar[int]
    #: of an example; images are (height, width, channels)
    shape: ClassVar[tuple[int, ...]]

    def load(self, rng: np.random.Generator) -> Data:
        """Raises `OptbenchError` where the set is neither cached nor to be had, or has another shape."""
        bunch = self.fetch()
        x = np.array(bunch.data, dtype=np.float64)
        if x.ndim != 2 or x.shape[1] != prod(self.shape):
            raise OptbenchError(
                f"dataset {self.name}: OpenML set {self.data_id} has examples of shape {x.shape[1:]}, "
                f"expected {prod(self.shape)} values; remove {cache_folder()} and try again"
            )
        # Labels may be texts such as '10', whose order is not that of their numbers.
        numbers = np.char.strip(np.asarray(bunch.target).astype(str), "'").astype(np.int64)
        _, y = np.unique(numbers, return_inverse=True)
        found = {
            "source": self.source,
            "version": f"OpenML {self.data_id}, version {bunch.details['version']}",
            "md5": str(bunch.details.get("md5_checksum", "")),
            "licence": str(bunch.details.get("licence", "not stated")),
        }
        return Data(self.scaled(x), y, found)

    def scaled(self, x: np.ndarray) -> np.ndarray:
        """(examples, *shape) from the set's own values, (examples, values)."""
        return x

    def fetch(self) -> Any:
        return fetched(self.data_id, f"dataset {self.name}: OpenML set {self.data_id}")


def fetched(data_id: int, where: str, as_frame: bool = False) -> Any:
    """A set of OpenML's, from scikit-learn's cache or fetched into it; `OptbenchError` where it is not to be had."""
    from http.client import HTTPException  # with all of TLS: a tenth of the registry's time

    from sklearn.datasets import fetch_openml

    try:
        with warnings.catch_warnings():
            # It warns of every retry; one error at the end says it all.
            warnings.simplefilter("ignore")
            # Without a dtype for the labels: scikit-learn asks for categories, expects them to be texts, and
            # fails on pandas 3, which makes numbers of them.
            return fetch_openml(data_id=data_id, as_frame=as_frame, read_csv_kwargs={"dtype": None})
    except (OSError, HTTPException, ValueError) as error:
        raise OptbenchError(
            f"{where} is not in {cache_folder()}, and cannot "
            f"be fetched ({type(error).__name__}: {error}). Run it once with a network, or copy the "
            "folder's `openml` from a machine that has it; the variable SCIKIT_LEARN_DATA chooses "
            "another folder. The sets mnist-5k and digits need no network"
        ) from error


class OpenmlImages(OpenmlSet):
    """Images from OpenML. Subclasses give their values' range, too."""

    shape: ClassVar[tuple[int, int, int]]
    #: the least and greatest value of a pixel, which become 0 and 1
    values: ClassVar[tuple[float, float]] = (0.0, 255.0)

    def scaled(self, x: np.ndarray) -> np.ndarray:
        height, width, channels = self.shape
        # Colours come one plane after the other.
        x = x.reshape(-1, channels, height, width).transpose(0, 2, 3, 1)
        low, high = self.values
        # In place: CIFAR-10 has 1.5 GB of them.
        x -= low
        x /= high - low
        return x


def cache_folder() -> str:
    from sklearn.datasets import get_data_home

    try:
        return str(get_data_home())
    except OSError as error:
        return str(error.filename or "scikit-learn's data folder")


@dataclass(frozen=True)
class Mnist(OpenmlImages):
    """MNIST's handwritten digits: 70,000 images of 28 x 28 grey levels, 10 classes."""

    name = "mnist"
    source = "MNIST, 70,000 x 28 x 28, 10 classes; openml.org/d/554, licence: CC BY-SA 3.0 (LeCun and Cortes)"
    reference = "LeCun, Bottou, Bengio and Haffner 1998"
    data_id = 554
    shape = (28, 28, 1)


@dataclass(frozen=True)
class FashionMnist(OpenmlImages):
    """Zalando's articles of clothing: 70,000 images of 28 x 28 grey levels, 10 classes of 7,000."""

    name = "fashion-mnist"
    source = "Fashion-MNIST, 70,000 x 28 x 28, 10 classes; openml.org/d/40996, licence: MIT (Zalando)"
    reference = "Xiao, Rasul and Vollgraf 2017"
    data_id = 40996
    shape = (28, 28, 1)


@dataclass(frozen=True)
class Cifar10(OpenmlImages):
    """Small photographs: 60,000 images of 32 x 32 in three colours, 10 classes of 6,000."""

    name = "cifar-10"
    source = "CIFAR-10, 60,000 x 32 x 32 x 3, 10 classes; openml.org/d/40927, licence: none stated"
    reference = "Krizhevsky 2009"
    data_id = 40927
    shape = (32, 32, 3)


@dataclass(frozen=True)
class Usps(OpenmlImages):
    """Digits from envelopes of the US Postal Service: 9,298 images of 16 x 16 grey levels in [-1, 1], 10
    classes.

    OpenML numbers the classes 1 to 10, for the digits 0 to 9.
    """

    name = "usps"
    source = "USPS, 9,298 x 16 x 16, 10 classes; openml.org/d/41082, licence: none stated"
    reference = "Hull 1994; LeCun et al. 1990"
    data_id = 41082
    shape = (16, 16, 1)
    values = (-1.0, 1.0)


@dataclass(frozen=True)
class Covertype(OpenmlSet):
    """What grows on 30 x 30 metres of forest: 581,012 places, 54 columns, 7 types of cover of very different frequency.

    Ten columns are measures in their own units (metres, degrees, hours of shade) and 44 are 0 or 1 for an area of
    wilderness or a type of soil: a candidate's `standardize` is what makes them alike. A fifth of it is a large
    validation split; `split` makes it smaller.
    """

    name = "covertype"
    source = "Covertype, 581,012 x 54, 7 classes; openml.org/d/1596, licence: Public (Blackard, Dean and Anderson 1998)"
    reference = "Blackard and Dean 1999, Comparative accuracies of artificial neural networks and discriminant analysis"
    data_id = 1596
    shape = (54,)
