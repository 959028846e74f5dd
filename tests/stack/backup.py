"""The script backup.sh, as the service `backup` runs it."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from tests.stack import fake_influx

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "sync" / "backup.sh"


@dataclass
class Backup:
    """The script with folders in place of its volumes."""

    folder: Path
    settings: dict[str, str]

    @property
    def names(self) -> list[str]:
        """The backups that are there, oldest first."""
        return sorted(path.name for path in (self.folder / "backup").glob("20*"))

    def start(self, *words: str, **settings: str) -> subprocess.Popen[str]:
        """Start a command of it."""
        (self.folder / "backup").mkdir(exist_ok=True)
        env = {f"BACKUP_{name.upper()}": str(self.folder / name) for name in ("state", "secrets")}
        env |= {"BACKUP_FOLDER": str(self.folder / "backup"), "HOME": "/nowhere", "PYTHONPATH": str(ROOT)}
        env |= {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
        command = ["/bin/sh", str(SCRIPT), *words]
        env |= self.settings | settings
        return subprocess.Popen(command, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def refuse(self, request: str) -> None:
        """Have the server refuse requests that begin so."""
        (self.folder / fake_influx.REFUSED).write_text(request)

    def refuse_nothing(self) -> None:
        """Have it take all requests again."""
        (self.folder / fake_influx.REFUSED).unlink()

    def __call__(self, *words: str, **settings: str) -> tuple[int, str]:
        """Run a command of it to its end; return exit code and output."""
        process = self.start(*words, **settings)
        output, _ = process.communicate(timeout=60)
        return process.returncode, output
