"""For the container image: let Meltano find its plugins in the environment that it runs in itself.

Meltano wants an environment for each plugin, and a fingerprint in it that says what was installed. Here the plugins'
environments are shells around this one, which `constraints.txt` allows, and which halves the image.
"""

from __future__ import annotations

import shlex
import sys
from pathlib import Path

import yaml
from meltano.core.venv_service import fingerprint


def share(project: Path, environment: Path) -> list[str]:
    """Make the shells; return the names of the plugins whose programs are there."""
    shared = []
    plugins = yaml.safe_load((project / "meltano.yml").read_text(encoding="utf-8"))["plugins"]
    for kind, members in plugins.items():
        for plugin in members:
            if "pip_url" not in plugin or not (environment / "bin" / plugin["executable"]).exists():
                continue
            shell = project / ".meltano" / kind / plugin["name"] / "venv"
            shell.mkdir(parents=True)
            for part in ("bin", "lib"):
                (shell / part).symlink_to(environment / part)
            mark = fingerprint(shlex.split(plugin["pip_url"]))
            (shell / ".meltano_plugin_fingerprint").write_text(mark, encoding="utf-8")
            shared.append(plugin["name"])
    return shared


if __name__ == "__main__":
    sys.stdout.write(f"Plugins: {', '.join(share(Path.cwd(), Path(sys.prefix)))}\n")
