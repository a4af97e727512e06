import pandas as pd

from optbench.report import figures

from .drawn import draw


def test_layer_profile_has_a_panel_for_each_quantity():
    rows = [
        (c, s, q, layer, 10.0 ** (-layer if c == "small" else 0))
        for c in ("small", "he")
        for s in range(3)
        for q in ("activations", "gradients")
        for layer in range(1, 21)
    ]
    profile = pd.DataFrame(rows, columns=["candidate", "seed", "quantity", "layer", "value"])
    figure = figures.layer_profile(profile)
    assert [a.get_title(loc="left") for a in figure.axes] == ["activations", "gradients"]
    assert figure.axes[0].get_yscale() == "log"
    draw(figure)
