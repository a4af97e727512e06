"""An installed plugin that does everything wrong, and short trials."""

import pytest

from support import hostile


@pytest.fixture(scope="session")
def site(tmp_path_factory):
    """The folder where hostile-optimizers 1.0 is installed."""
    return hostile.install(tmp_path_factory.mktemp("site"))


@pytest.fixture(scope="session")
def trials():
    """See `descents`."""
    return hostile.descents()
