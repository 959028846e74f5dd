"""One module per board, and what belongs to one; `shared_panels` holds what several boards show."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grafana.boards import (
    activities,
    activity,
    coach,
    fitness,
    performance,
    progress,
    routes,
    sync_health,
    today,
    training,
    wellness,
)

if TYPE_CHECKING:
    from grafana.parts.board import Board

BOARDS: tuple[Board, ...] = (
    today.BOARD,
    fitness.BOARD,
    training.BOARD,
    wellness.BOARD,
    performance.BOARD,
    progress.BOARD,
    activities.BOARD,
    activity.BOARD,
    routes.BOARD,
    coach.BOARD,
    sync_health.BOARD,
)
"""In the order of the menu and of docs/boards.md."""
