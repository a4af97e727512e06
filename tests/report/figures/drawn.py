"""What a figure says, and whether it can be drawn."""

from matplotlib.figure import Figure

from optbench.report.pictures import formats


def texts(figure):
    return [t.get_text() for axis in figure.axes for t in axis.texts] + [t.get_text() for t in figure.texts]


def draw(figure):
    assert isinstance(figure, Figure)
    formats.freeze(figure)
    return formats.svg(figure)
