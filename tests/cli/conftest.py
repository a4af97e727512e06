"""The command line in this process."""

import pytest

from optbench import cli


@pytest.fixture
def call(capsys):
    """call("list", "--json") gives (exit status, standard output, error output)."""

    def call(*arguments):
        status = cli.guarded(lambda: cli._invoke([str(a) for a in arguments]))
        out = capsys.readouterr()
        assert "Traceback" not in out.err
        return status, out.out, out.err

    return call
