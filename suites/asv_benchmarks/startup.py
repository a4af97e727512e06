"""How long a user waits for the command line, each time in a new process."""

import subprocess
import sys


class Start:
    params = [["--help", "list optimizers", "plugins"]]
    param_names = ["command"]
    version = "1"
    repeat = 3
    number = 1
    rounds = 1

    def time_command(self, command: str) -> None:
        subprocess.run([sys.executable, "-m", "optbench.cli", *command.split()], check=True, capture_output=True)
