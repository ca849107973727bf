"""The ready-made drawings: the same ones on every machine."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping

import pytest

#: Prints a digest of all starter sets, and of each way of writing a digit once.
DIGEST = """
import hashlib
import numpy as np
from nncore.digits import skeletons, starters, synthetic
from nncore.experiment import STARTERS
digest = hashlib.sha256()
for name in STARTERS:
    for one in starters.starter(name).drawings:
        digest.update(one.pixels)
random = np.random.default_rng(0)
for label, ways in skeletons.SKELETONS.items():
    for way in range(len(ways)):
        digest.update(synthetic.draw_digit(label, way, random).tobytes())
print(digest.hexdigest())
"""
#: What NumPy and its OpenBLAS are told, so that they add as on a processor without wide registers
#: and fused products.
OLD_PROCESSOR = {"OPENBLAS_CORETYPE": "Nehalem", "NPY_DISABLE_CPU_FEATURES": "X86_V4 X86_V3"}


def digest(variables: Mapping[str, str]) -> str:
    """Return the digest in a process with these environment variables."""
    environment = {**os.environ, **variables}
    command = [sys.executable, "-W", "ignore", "-c", DIGEST]
    found = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    return found.stdout.strip()


@pytest.mark.skipif(os.uname().machine != "x86_64", reason="needs a processor of Intel's kind")
def test_drawings_do_not_depend_on_the_processor() -> None:
    """A worker whose pixels differ by 1 would refuse the runs of another machine."""
    assert digest({}) == digest(OLD_PROCESSOR)
