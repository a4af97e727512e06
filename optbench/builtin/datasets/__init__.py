"""Where examples come from, one source a file: drawn, shipped in wheels, or fetched."""

from optbench.builtin.datasets.adding import Adding
from optbench.builtin.datasets.associative_recall import AssociativeRecall
from optbench.builtin.datasets.auto_mpg import AutoMpg
from optbench.builtin.datasets.blobs import Blobs
from optbench.builtin.datasets.block_model import StochasticBlockModel
from optbench.builtin.datasets.circles import TwoCircles
from optbench.builtin.datasets.clicks import Clicks
from optbench.builtin.datasets.copy_memory import CopyMemory
from optbench.builtin.datasets.digits import Digits
from optbench.builtin.datasets.files import Csv, Npz, Parquet
from optbench.builtin.datasets.forcing import Forcing
from optbench.builtin.datasets.karate_club import KarateClub
from optbench.builtin.datasets.linear import LinearRegression
from optbench.builtin.datasets.mixed_table import MixedTable
from optbench.builtin.datasets.mnist_5k import Mnist5k
from optbench.builtin.datasets.moons import TwoMoons
from optbench.builtin.datasets.named import OpenmlTable, SklearnTable
from optbench.builtin.datasets.noisy import NoisyLabels
from optbench.builtin.datasets.online import Online
from optbench.builtin.datasets.openml import Cifar10, Covertype, FashionMnist, Mnist, Usps
from optbench.builtin.datasets.parity import Parity
from optbench.builtin.datasets.perturbed import Perturbed
from optbench.builtin.datasets.photograph import Photograph
from optbench.builtin.datasets.pooled import Pooled
from optbench.builtin.datasets.random_graphs import RandomGraphs
from optbench.builtin.datasets.ratings import Ratings
from optbench.builtin.datasets.reconstruction import Reconstruction
from optbench.builtin.datasets.scaled import BadlyScaled
from optbench.builtin.datasets.spirals import Spirals
from optbench.builtin.datasets.tables import BreastCancer, Diabetes, Iris, Wine
from optbench.builtin.datasets.teacher import TeacherStudent
from optbench.builtin.datasets.text import TextCharacters, TextWords
from optbench.builtin.datasets.xor import Xor
from optbench.builtin.datasets.zipf_tokens import ZipfTokens
from optbench.contract.dataset import Dataset

#: drawn at random, then real ones that come with an installation, then those that need a network once, and a user's own
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
    MixedTable,
    Ratings,
    Clicks,
    Forcing,
    CopyMemory,
    Adding,
    AssociativeRecall,
    Parity,
    ZipfTokens,
    StochasticBlockModel,
    RandomGraphs,
    KarateClub,
    Iris,
    Wine,
    BreastCancer,
    Diabetes,
    AutoMpg,
    Digits,
    Mnist5k,
    Photograph,
    TextCharacters,
    TextWords,
    Pooled,
    Perturbed,
    Reconstruction,
    Online,
    Mnist,
    FashionMnist,
    Cifar10,
    Usps,
    Covertype,
    Csv,
    Parquet,
    Npz,
    SklearnTable,
    OpenmlTable,
]
