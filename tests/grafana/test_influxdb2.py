"""Every panel draws on a real InfluxDB 2 what it draws on 1.x; skipped where there is none."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests import servers
from tests.grafana.conftest import fill, load, look

if TYPE_CHECKING:
    from collections.abc import Iterator

    from grafana.execution.run import Answer
    from tests.grafana.conftest import Board, Filled


@pytest.fixture(scope="module")
def second(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Filled]:
    """The same athlete's year in an InfluxDB 2."""
    with servers.influxdb2() as settings:
        login = {name: settings[name] for name in ("token", "org")}
        yield fill(settings["url"], tmp_path_factory.mktemp("boards2"), login)


def drawn(answers: list[Answer]) -> dict[str, list[dict[str, Any]]]:
    """Names and values of all frames, by panel."""
    return {
        f"{answer.panel['id']} {answer.panel['title']}": [
            {
                "name": frame["name"],
                **{
                    f"{at} {field['name']}": [
                        pytest.approx(value) if isinstance(value, float) else value for value in field["values"]
                    ]
                    for at, field in enumerate(frame["fields"])
                },
            }
            for frame in answer.frames
        ]
        for answer in answers
    }


@pytest.mark.parametrize("uid", load())
def test_a_board_draws_the_same_as_on_influxdb_1(
    uid: str, boards: dict[str, Board], answers: dict[str, list[Answer]], second: Filled
) -> None:
    found, expected = drawn(look(boards[uid], second)), drawn(answers[uid])
    assert found.keys() == expected.keys()
    assert [title for title in expected if found[title] != expected[title]] == []
