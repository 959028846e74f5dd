from __future__ import annotations

import html
import json
import re
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from sandbox.project import ROOT, environment
from tests import servers

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# Tells what a browser makes of the page, in a window of a phone's width and in a wide one.
PROBE = """<!doctype html><body><script>
const page = %s;
for (const width of [390, 1280]) {
  const frame = document.body.appendChild(document.createElement("iframe"));
  frame.style.width = width + "px"; frame.style.height = "900px"; frame.srcdoc = page;
  frame.onload = () => {
    const inner = frame.contentDocument, view = frame.contentWindow;
    const drawn = [...inner.querySelectorAll(".plot svg")].map(svg => [...svg.querySelectorAll("path")].filter(path => {
      const box = path.getBoundingClientRect(), frame = svg.getBoundingClientRect();
      return box.width > frame.width / 2 && box.left >= frame.left - 3 && box.right <= frame.right + 3;
    }).length);
    const pre = document.body.appendChild(document.createElement("pre"));
    pre.textContent = JSON.stringify({
      width, drawn, overflow: inner.documentElement.scrollWidth - inner.documentElement.clientWidth,
      page: view.getComputedStyle(inner.body).backgroundColor, text: view.getComputedStyle(inner.body).color,
      answers: [...inner.querySelectorAll(".answer")].map(one => one.innerText.split("\\n").filter(Boolean).length),
      rows: [...inner.querySelectorAll("tbody tr")].filter(row => row.getBoundingClientRect().height > 10).length,
      requests: view.performance.getEntriesByType("resource").length,
    });
  };
}
</script>"""
SCHEMES = {"dark": "0", "light": "1"}


@pytest.fixture(params=["a machine with Python alone", "its own influxd", "the influxd of INFLUXDB_URL"])
def settings(request: pytest.FixtureRequest) -> Iterator[dict[str, str]]:
    """Environment variables that choose where the demo writes."""
    match request.param:
        case "a machine with Python alone":
            yield {"PATH": "/nonexistent"}  # neither InfluxDB nor Node.js, browser or Docker
        case "its own influxd":
            servers.executable("influxd")
            yield {}
        case _:
            with servers.influxdb1() as server:
                yield {"INFLUXDB_URL": server.url}
                assert servers.influxql(server.url, "SHOW DATABASES")[0].get("values", []) == []


def looked_at(page: Path, scheme: str, folder: Path) -> list[dict[str, Any]]:
    """What headless Chromium makes of a page: a report for each width."""
    probe = folder / f"{scheme}.html"
    probe.write_text(PROBE % json.dumps(page.read_text()).replace("</", "<\\/"))
    command = [servers.executable("chromium"), "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run"]
    command += [f"--blink-settings=preferredColorScheme={SCHEMES[scheme]}", f"--user-data-dir={folder / 'profile'}"]
    command += ["--virtual-time-budget=10000", "--dump-dom", probe.as_uri()]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120)
    return [json.loads(html.unescape(text)) for text in re.findall("<pre>(.*?)</pre>", done.stdout)]


def test_the_demo_shows_that_everything_arrived_and_leaves_nothing_but_a_page_for_the_browser(
    settings: dict[str, str], tmp_path: Path
) -> None:
    page, temporary, look = (tmp_path / name for name in ("made/page.html", "temporary", "look"))
    temporary.mkdir()
    look.mkdir()
    command = [sys.executable, "-m", "demo", "--page", str(page), "--activities", "60", "--seconds", "300"]
    env = environment(**settings, TMPDIR=str(temporary))
    run = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False, timeout=200)
    assert run.returncode == 0, run.stdout + run.stderr
    assert "\nEverything has arrived.\n" in run.stdout
    assert run.stdout.endswith(f"\n{page.as_uri()}\n")
    assert list(temporary.iterdir()) == []
    assert [page.read_text().count(f'class="{name}') for name in ("plot", "answer ")] == [4, 6]
    if "PATH" not in settings:
        return  # it is the same page: once is enough for the browser
    reports = {scheme: looked_at(page, scheme, look) for scheme in SCHEMES}
    for report in reports["dark"] + reports["light"]:
        # grid, curves and areas reach over their charts; every answer has its figure and its sentence
        assert [count >= least for count, least in zip(report["drawn"], (4, 3, 4, 3), strict=True)] == [True] * 4, (
            report
        )
        assert (report["overflow"], report["answers"], report["rows"], report["requests"]) == (0, [3] * 6, 6, 0), report
    assert [report["width"] for report in reports["dark"]] == [390, 1280]
    dark, light = (brightness(reports[scheme][0]["page"]) for scheme in ("dark", "light"))
    assert (dark < 150, light > 600) == (True, True)


def brightness(color: str) -> int:
    """The sum of red, green and blue of `rgb(r, g, b)`."""
    return sum(map(int, re.findall(r"\d+", color)[:3]))
