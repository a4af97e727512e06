"""Where examples come from, one source a file: drawn, shipped in wheels, or fetched."""

from optbench.datasets.base import Data, Dataset, Task
from optbench.datasets.blobs import Blobs
from optbench.datasets.circles import TwoCircles
from optbench.datasets.digits import Digits
from optbench.datasets.linear import LinearRegression
from optbench.datasets.mnist_5k import Mnist5k
from optbench.datasets.moons import TwoMoons
from optbench.datasets.noisy import NoisyLabels
from optbench.datasets.openml import Cifar10, FashionMnist, Mnist, Usps
from optbench.datasets.scaled import BadlyScaled
from optbench.datasets.spirals import Spirals
from optbench.datasets.tables import BreastCancer, Diabetes, Iris, Wine
from optbench.datasets.teacher import TeacherStudent
from optbench.datasets.xor import Xor

#: drawn at random, then real ones that come with an installation, then those that need a network once
ALL: list[type[Dataset]] = [
    TwoMoons,
    TwoCircles,
    Blobs,
    Spirals,
    Xor,
    LinearRegression,
    TeacherStudent,
    BadlyScaled,
    NoisyLabels,
    Iris,
    Wine,
    BreastCancer,
    Diabetes,
    Digits,
    Mnist5k,
    Mnist,
    FashionMnist,
    Cifar10,
    Usps,
]

__all__ = ["ALL", "Data", "Dataset", "Task"]
