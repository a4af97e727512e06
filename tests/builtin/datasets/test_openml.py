"""The real loader, with answers that stand in for the network."""

import gzip
import hashlib
import importlib.resources
import io
import json
import re
from dataclasses import dataclass
from urllib.error import URLError

import numpy as np
import pytest

from optbench.builtin.datasets.openml import Cifar10, Covertype, Mnist, OpenmlImages, Usps
from optbench.contract.errors import OptbenchError


def numbered(raw):
    """Species are words; the image sets' labels are numbers."""
    for number, species in enumerate((b"Iris-setosa", b"Iris-versicolor", b"Iris-virginica")):
        raw = raw.replace(species, str(number).encode())
    return raw


@dataclass(frozen=True)
class Flowers(OpenmlImages):
    """Iris as images, to try the loader on a small set."""

    name = "flowers"
    data_id = 61
    shape = (2, 2, 1)
    values = (0.0, 10.0)


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """An empty cache folder, and no waiting between tries."""
    monkeypatch.setenv("SCIKIT_LEARN_DATA", str(tmp_path / "cache"))
    monkeypatch.setattr("sklearn.datasets._openml.time.sleep", lambda seconds: None)
    return tmp_path / "cache"


class Answer(io.BytesIO):
    """A response of urlopen, as far as scikit-learn reads it."""

    def info(self):
        return {}


@pytest.fixture
def network(monkeypatch):
    """answers(function): from now on urlopen gives what the function makes of a URL; returns the URLs asked for."""

    def answers(function):
        asked = []

        def urlopen(request, *args, **kwargs):
            asked.append(request.full_url)
            return Answer(function(request.full_url))

        monkeypatch.setattr("sklearn.datasets._openml.urlopen", urlopen)
        return asked

    return answers


def openml(data_id, pixels, labels):
    """OpenML's four answers for a set of images: description, features, qualities, and the ARFF file."""
    columns = [f"pixel{i}" for i in range(pixels.shape[1])]
    names = sorted(set(labels), key=int)
    arff = "@RELATION set\n" + "".join(f"@ATTRIBUTE {c} REAL\n" for c in columns)
    arff += "@ATTRIBUTE class {" + ",".join(names) + "}\n@DATA\n"
    arff += "".join(",".join(map(str, row)) + f",{label}\n" for row, label in zip(pixels, labels, strict=True))
    raw = arff.encode()
    common = {"is_ignore": "false", "is_row_identifier": "false", "number_of_missing_values": "0"}
    features = [
        {"index": str(i), "name": c, "data_type": "numeric", "is_target": "false", **common}
        for i, c in enumerate(columns)
    ]
    last = {"index": str(len(columns)), "name": "class", "data_type": "nominal", "nominal_value": names}
    features.append({**last, "is_target": "true", **common})
    description = {
        "id": str(data_id),
        "name": "set",
        "version": "1",
        "description": "A set.",
        "format": "ARFF",
        "licence": "Public",
        "status": "active",
        "file_id": "9",
        "url": "https://www.openml.org/data/v1/download/9/set.arff",
        "default_target_attribute": "class",
        "md5_checksum": hashlib.md5(raw).hexdigest(),
    }

    def answer(url):
        if "/features/" in url:
            return json.dumps({"data_features": {"feature": features}}).encode()
        if "/qualities/" in url:
            qualities = [{"name": "NumberOfInstances", "value": str(len(pixels))}]
            return json.dumps({"data_qualities": {"quality": qualities}}).encode()
        if "/download/" in url:
            return raw
        assert url.endswith(f"/json/data/{data_id}")
        return json.dumps({"data_set_description": description}).encode()

    return answer


def test_images_labels_and_provenance(network, folder):
    rng = np.random.default_rng(0)
    pixels = rng.integers(0, 256, (30, 784))
    labels = [str(i % 10) for i in range(30)]
    network(openml(554, pixels, labels))
    data = Mnist().load(rng)
    assert data.x.shape == (30, 28, 28, 1)
    assert data.x.dtype == np.float64
    np.testing.assert_allclose(data.x[:, :, :, 0].reshape(30, -1), pixels / 255)
    np.testing.assert_array_equal(data.y, np.arange(30) % 10)
    assert data.provenance["version"] == "OpenML 554, version 1"
    assert data.provenance["licence"] == "Public"


def test_a_cached_set_needs_no_network(network, folder):
    pixels = np.arange(20 * 784).reshape(20, 784) % 256
    asked = network(openml(554, pixels, [str(i % 10) for i in range(20)]))
    first = Mnist().load(np.random.default_rng(0))
    assert len(asked) >= 3
    asked.clear()

    def cut(url):
        raise URLError("the cable is cut")

    asked = network(cut)
    again = Mnist().load(np.random.default_rng(0))
    np.testing.assert_array_equal(first.x, again.x)
    assert asked == []


def test_colours_become_channels(network):
    # One red, one green and one blue image: 1024 values of each colour follow each other.
    pixels = np.kron(np.eye(3, dtype=int) * 255, np.ones((1, 1024), int))
    pixels[0, 1] = 51
    network(openml(40927, pixels, ["0", "1", "2"]))
    x = Cifar10().load(np.random.default_rng(0)).x
    assert x.shape == (3, 32, 32, 3)
    np.testing.assert_allclose(x[1], np.broadcast_to([0, 1, 0], (32, 32, 3)))
    assert x[0, 0, 1, 0] == pytest.approx(0.2)  # row 0, column 1


def test_labels_from_one_to_ten_are_ordered_as_numbers(network):
    pixels = np.linspace(-1, 1, 10 * 256).reshape(10, 256)
    network(openml(41082, pixels, [str(i) for i in range(1, 11)]))
    data = Usps().load(np.random.default_rng(0))
    np.testing.assert_array_equal(data.y, np.arange(10))
    assert (data.x.min(), data.x.max()) == (0, 1)


def test_a_table_keeps_its_values(network):
    table = np.arange(14 * 54).reshape(14, 54)
    network(openml(1596, table, [str(1 + i % 7) for i in range(14)]))
    data = Covertype().load(np.random.default_rng(0))
    np.testing.assert_array_equal(data.x, table)
    np.testing.assert_array_equal(data.y, np.arange(14) % 7)
    assert data.provenance["version"] == "OpenML 1596, version 1"


def test_without_a_network_one_clear_error(network, folder):
    def cut(url):
        raise URLError("Name or service not known")

    asked = network(cut)
    with pytest.raises(OptbenchError) as caught:
        Mnist().load(np.random.default_rng(0))
    message = str(caught.value)
    for part in ("dataset mnist", "554", str(folder), "Name or service not known", "SCIKIT_LEARN_DATA"):
        assert part in message
    assert "mnist-5k" in message
    assert len(asked) > 1  # it did try again


def test_a_damaged_download_is_an_error(network):
    whole = openml(554, np.zeros((10, 784), int), [str(i) for i in range(10)])
    network(lambda url: whole(url)[:-30] + b"x" * 30 if "/download/" in url else whole(url))
    with pytest.raises(OptbenchError, match=r"dataset mnist: .*md5"):
        Mnist().load(np.random.default_rng(0))


def test_another_set_under_the_number_is_an_error(network):
    network(openml(554, np.zeros((10, 9), int), [str(i) for i in range(10)]))
    with pytest.raises(OptbenchError, match=r"dataset mnist: .* expected 784"):
        Mnist().load(np.random.default_rng(0))


def test_answers_recorded_from_openml(network):
    """Set 61, iris, as openml.org gave it; scikit-learn's wheel brings the recording."""
    folder = importlib.resources.files("sklearn.datasets.tests") / "data" / "openml" / "id_61"
    arff = numbered(gzip.decompress((folder / "data-v1-dl-61.arff.gz").read_bytes()))

    def answer(url):
        if "/download/" in url:
            return arff
        short = "jdf" if "/features/" in url else "jdq" if "/qualities/" in url else "jd"
        raw = numbered(gzip.decompress((folder / f"api-v1-{short}-61.json.gz").read_bytes()))
        return re.sub(rb'(?<="md5_checksum":")\w+', hashlib.md5(arff).hexdigest().encode(), raw)

    network(answer)
    data = Flowers().load(np.random.default_rng(0))
    assert data.x.shape == (150, 2, 2, 1)
    np.testing.assert_allclose(data.x[0].ravel(), [0.51, 0.35, 0.14, 0.02])
    assert np.bincount(data.y).tolist() == [50, 50, 50]
