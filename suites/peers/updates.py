"""Updates alone beside torch, pytorch_optimizer and optax: `python suites/peers/updates.py`.

Each built-in optimizer's step on the parameters of three dense networks, and the nearest peer's on the same tensors
with the same gradients: torch's as users write it, and fused where torch has that; else pytorch_optimizer's or optax's.
Measured and told as in `compare.py`, whose options these are: `--rows 'update-adam*-235k' --processor-time`, say.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from peers import compare
from peers.updating import FAMILIES

if __name__ == "__main__":
    sys.exit(compare.main(FAMILIES, __doc__))
