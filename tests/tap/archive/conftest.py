"""An account that is read with an archive."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.tap.scene import Scene

if TYPE_CHECKING:
    from pathlib import Path

    from sandbox import Sandbox


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "kept" / "archive"


@pytest.fixture
def scene(sandbox: Sandbox, folder: Path) -> Scene:
    return Scene(sandbox, archive_path=str(folder))
