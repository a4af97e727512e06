"""Strided convolutions, projections and the mean over positions."""

import numpy as np
import pytest

from optbench.contract.hyperparameters import ComponentError
from optbench.nn.convolution import Convolution
from optbench.nn.strided import GlobalAveragePooling, Projection, StridedConvolution
from optbench.testing.gradcheck import THRESHOLD, check_layer

SIZES = [(1, 1), (1, 2), (2, 3), (3, 2), (4, 4), (5, 7)]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("layer", [StridedConvolution(3), Projection(3), Projection(3, 2), GlobalAveragePooling()])
def test_gradient(layer, size):
    assert check_layer(layer, (*size, 2)) < THRESHOLD


@pytest.mark.parametrize("size", SIZES)
def test_it_is_every_other_row_and_column_of_a_convolution(layer_output, size):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(4, *size, 2))
    params = {"weight": rng.normal(size=(3, 3, 2, 5)), "bias": rng.normal(size=5)}
    whole = layer_output(Convolution(5), x, params=params)
    part = layer_output(StridedConvolution(5), x, params=params)
    shape = StridedConvolution(5).output((*size, 2))
    assert shape == (-(-size[0] // 2), -(-size[1] // 2), 5)
    assert np.allclose(part, whole[:, ::2, ::2], rtol=1e-12, atol=1e-13)


def test_images_only():
    for layer in (StridedConvolution(3), Projection(3), GlobalAveragePooling()):
        with pytest.raises(ComponentError, match="needs images"):
            layer.output((6,))
