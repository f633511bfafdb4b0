from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.checkout import Checkout


@pytest.fixture
def bare(tmp_path: Path) -> Checkout:
    """A fresh clone: no .venv, no Pulumi."""
    return Checkout(tmp_path)


@pytest.fixture
def checkout(bare: Checkout) -> Checkout:
    """A clone with a .venv and a new enough `pulumi` on PATH."""
    bare.add_venv()
    bare.pretend_pulumi()
    return bare
