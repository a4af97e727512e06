"""How tests run: each worker on one BLAS thread, modules compiled once, and laws without a time.

Two workers with a BLAS thread for each core stand in each other's way: on a busy machine small products take a hundred
times as long. No test asserts a time, and on a busy machine a law would fail for drawing slowly, too. Where
PYTHONDONTWRITEBYTECODE is set, each of a hundred processes that tests start would compile optbench anew, a third of a
second.
"""

import os

for name in ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS"):
    os.environ.setdefault(name, "1")  # before the workers start, which import NumPy
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

from hypothesis import HealthCheck, settings  # noqa: E402

settings.register_profile(
    "patient", deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
settings.load_profile("patient")


def pytest_ignore_collect(collection_path, config):
    """Modules that only compare with others: importing torch takes seconds, and the default run needs none of them."""
    if collection_path.name.endswith("_oracle.py") and "not oracle" in config.getoption("markexpr"):
        return True
    return None
