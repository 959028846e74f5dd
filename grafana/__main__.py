"""Write every board to grafana/dashboards/."""

from __future__ import annotations

from pathlib import Path

from grafana.boards import BOARDS
from grafana.parts.board import to_json

DASHBOARDS = Path(__file__).parent / "dashboards"


def main() -> None:
    """Write the boards and remove files of boards that are no more."""
    files = {f"{board.uid}.json": to_json(board) for board in BOARDS}
    for path in DASHBOARDS.glob("*.json"):
        if path.name not in files:
            path.unlink()
    for name, text in files.items():
        (DASHBOARDS / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
