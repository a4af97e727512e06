"""Pictures of components and workloads, made by two processes, and kept under docs/build as long as nothing changes."""

import hashlib
import json
import os
import warnings
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

from making.links import DOCS, ROOT

KEPT = DOCS / "build" / "pictures"
#: what decides a picture besides the component: how it is drawn
SOURCES = (
    "docs/making/behaviour/*.py", "docs/making/drawn.py", "optbench/report/pictures/*.py",
    "optbench/report/figures/contours.py", "optbench/lab/*.py",
)  # fmt: skip
PROCESSES = 2

#: ("components", kind, name) or ("workloads", suite, name)
Asked = tuple[str, str, str]


def pictures(asked: Iterable[Asked]) -> dict[Asked, str]:
    """{what was asked: its <figure>}; "" for what cannot be shown without a network or a file of the user's."""
    drawing = _sources()
    paths = {one: KEPT / f"{_key(one, drawing)}.html" for one in asked}
    missing = [one for one, path in paths.items() if not path.exists()]
    KEPT.mkdir(parents=True, exist_ok=True)
    if missing:
        # not forked: Sphinx has threads by now
        os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
        with ProcessPoolExecutor(PROCESSES, get_context("spawn")) as pool:
            for one, text in zip(missing, pool.map(picture, missing, chunksize=4), strict=True):
                paths[one].write_text(text, encoding="utf-8")
    for path in set(KEPT.glob("*.html")) - set(paths.values()):
        path.unlink()
    return {one: path.read_text(encoding="utf-8") for one, path in paths.items()}


def picture(one: Asked) -> str:
    from making import behaviour
    from making.drawn import element
    from making.suites import component, suite, whether_shown

    what, home, name = one
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # paths that go to infinity are part of the picture
        if what == "components":
            made = component(home, name)
            if made is None or not whether_shown(made):
                return ""
            figure, caption = behaviour.drawn(made)
        else:
            figure, caption = behaviour.workload(home, suite(home).workload(name))
        return element(figure, f"{home}-{name}", caption)


def _sources() -> str:
    files = sorted(f for pattern in SOURCES for f in ROOT.glob(pattern))
    return hashlib.sha256(b"".join(f.read_bytes() for f in files)).hexdigest()


def _key(one: Asked, drawing: str) -> str:
    from making.suites import suite
    from optbench.registry.registry import registry

    what, home, name = one
    if what == "components":
        decided = registry().components[home][name].code
    else:
        decided = json.dumps(suite(home).workload(name).model_dump(mode="json"), sort_keys=True)
    text = json.dumps([one, decided, drawing])
    return f"{home}-{name}-{hashlib.sha256(text.encode()).hexdigest()[:16]}".replace("/", "_")

