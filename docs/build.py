"""Builds the site: `python docs/build.py [--out docs/build/html] [--builder html] [--jobs 2]`, warnings as errors.

pip install -e ".[docs]" first. Pages that did not change are not made again; `--fresh` makes all of them.
Links within the site are followed when it is built; `--builder linkcheck` asks whether addresses on the network answer.
"""

import argparse
import sys
import time
from pathlib import Path

from sphinx.cmd.build import main as sphinx_build

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
from making.linked import broken  # noqa: E402


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, help="default: docs/build/BUILDER")
    parser.add_argument("--builder", default="html")
    parser.add_argument("--jobs", default="2")
    parser.add_argument("--fresh", action="store_true", help="make every page again")
    given = parser.parse_args()
    out = given.out or HERE / "build" / given.builder
    trees = HERE / "build" / "doctrees"
    began = time.perf_counter()
    status = sphinx_build([
        "-W", "--keep-going", "-q", "-j", given.jobs, "-b", given.builder, "-d", str(trees),
        *(["-E", "-a"] if given.fresh else []), str(HERE), str(out),
    ])  # fmt: skip
    if status == 0 and given.builder == "html":
        pages = list(out.rglob("*.html"))
        size = sum(f.stat().st_size for f in out.rglob("*") if f.is_file()) / 1e6
        nowhere = list(broken(out))
        print("\n".join(nowhere), end="\n" * bool(nowhere))
        status = int(bool(nowhere))
        seconds = time.perf_counter() - began
        print(f"{len(pages)} pages, {len(nowhere)} broken links, {size:.1f} MB, {seconds:.0f} s: {out / 'index.html'}")
    return status


if __name__ == "__main__":
    sys.exit(main())
