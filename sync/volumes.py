"""Files of this version that other containers of the stack read, laid into volumes that they share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from sync.goals import parse, with_goals

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

DATASOURCES = "datasources"
BOARDS = {"": "dashboards", "metric": "dashboards", "imperial": "dashboards-imperial"}
"""Folders of boards by their units."""
EMPTY = ("alerting", "plugins")
"""Folders that Grafana complains of when they are missing."""


def lay_out(  # noqa: PLR0913 - the last three go by name
    source: Path, folder: Path, datasources: str = "", *, alerts: bool = False, units: str = "", goals: str = ""
) -> int:
    """Lay boards, provisioning and tools out in `folder`, as Grafana reads them; return the number of files.

    `source` is the project; `datasources` the folder in `grafana/provisioning` that is taken as `datasources`; `alerts`
    adds the alert rules; `units` are those of the boards, metric by default; `goals` those of the year. What an
    older version laid there and this one has not is removed: the volumes hold nothing else. Each file is replaced
    whole, as Grafana may be reading it.

    Raises:
        click.ClickException: There is no such folder, no such units, or no such goal.
    """
    provisioning = source / "grafana" / "provisioning"
    kinds = sorted(one.name for one in provisioning.glob(f"{DATASOURCES}*"))
    chosen = datasources or DATASOURCES
    if chosen not in kinds:
        raise click.ClickException(f"STACK_GRAFANA_DATASOURCES: there is no {chosen!r}, only {', '.join(kinds)}.")
    folders = [one for one in provisioning.iterdir() if one.is_dir() and one.name not in kinds]
    if units not in BOARDS:
        raise click.ClickException(f"STACK_UNITS: there is no {units!r}, only {', '.join(filter(None, BOARDS))}.")
    boards = list((source / "grafana" / BOARDS[units]).glob("*.json"))
    if not boards:
        raise click.ClickException(f"grafana/{BOARDS[units]} holds no boards: `make boards-imperial` writes them.")
    chosen_goals = parse(goals)
    wanted: dict[str, Path | bytes] = {f"boards/{file.name}": file for file in boards}
    for file in boards if chosen_goals else ():
        wanted[f"boards/{file.name}"] = with_goals(file.read_bytes(), chosen_goals)
    wanted |= {f"provisioning/{one.name}/{file.name}": file for one in folders for file in one.iterdir()}
    wanted |= {f"provisioning/{DATASOURCES}/{file.name}": file for file in (provisioning / chosen).iterdir()}
    if alerts:
        wanted |= {
            f"provisioning/alerting/{file.name}": file for file in (source / "grafana" / "alerting").glob("*.yaml")
        }
    wanted |= {"tools/backup.sh": source / "sync" / "backup.sh"}
    for name in EMPTY:
        make_folder(folder / "provisioning" / name)
    mirror(wanted, folder)
    return len(wanted)


def make_folder(folder: Path) -> None:
    """Make a folder into which a later start can lay its files, even as another user."""
    if not folder.is_dir():
        folder.mkdir(parents=True)
        folder.chmod(0o777)


def mirror(files: Mapping[str, Path | bytes], folder: Path) -> None:
    """Make `folder` hold these files or contents, by path within it, and no others; all may read them."""
    for name, file in files.items():
        target = folder / name
        make_folder(target.parent)
        draft = target.with_name(f".{target.name}.new")
        draft.write_bytes(file if isinstance(file, bytes) else file.read_bytes())
        draft.chmod(0o644)
        draft.replace(target)
    for top in {name.partition("/")[0] for name in files}:  # each of them a volume
        for found in [path for path in (folder / top).rglob("*") if path.is_file()]:
            if found.relative_to(folder).as_posix() not in files:
                found.unlink()
