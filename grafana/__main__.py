"""Write every board to grafana/dashboards/, and the alert rules to grafana/alerting/."""

from __future__ import annotations

from pathlib import Path

from grafana.alerts import to_yaml
from grafana.boards import BOARDS
from grafana.parts.board import to_json

DASHBOARDS = Path(__file__).parent / "dashboards"
ALERTS = Path(__file__).parent / "alerting" / "intervals.yaml"


def main() -> None:
    """Write the boards and remove files of boards that are no more."""
    files = {f"{board.uid}.json": to_json(board) for board in BOARDS}
    for path in DASHBOARDS.glob("*.json"):
        if path.name not in files:
            path.unlink()
    for name, text in files.items():
        (DASHBOARDS / name).write_text(text, encoding="utf-8")
    ALERTS.write_text(to_yaml(), encoding="utf-8")


if __name__ == "__main__":
    main()
