"""Draw every board into docs/pictures: real pipeline, real queries, Grafana's packages in headless Chromium."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PIL import Image

from grafana.execution.macros import Range
from grafana.execution.pipeline import sync, write_runs
from grafana.execution.run import Database, choices, execute
from sandbox import Account, AthleteParameters
from sandbox.databases import NotInstalledError, executable, influxdb1

if TYPE_CHECKING:
    from grafana.execution.macros import Value

ROOT = Path(__file__).resolve().parents[2]
PREVIEW = Path(__file__).parent
BUILD = ROOT / "build" / "preview"
PICTURES = ROOT / "docs" / "pictures"
DRAWN = PICTURES / "drawn-from.txt"
ATHLETE = "i100001"
LAST_DAY = date(2026, 11, 20)
NOW = datetime(2026, 11, 20, 20, 30, tzinfo=timezone.utc)
CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--hide-scrollbars"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync", "--virtual-time-budget=20000"),
)
NARROW = 400
WIDTH, HEADER, FOOTER, ROW = 1600, 52, 44, 38
CLOCK = "globalThis.Date = class extends Date { constructor(...all) { super(...(all.length ? all : [Date.now()])) }"
CLOCK += f" static now() {{ return {round(NOW.timestamp() * 1000)} }} }}"
"""The page believes that it is NOW."""
COLORS, APART = 256, 8
"""How many colours a picture has, and how different they are at least: lines and areas keep theirs."""
LEAST, LIMIT = 10_000, 200_000
"""Bytes of a picture; less is a page that failed."""


@dataclass(frozen=True)
class Looks:
    """How wide a page is, and whether it is light; what differs from the pictures of the docs goes to build/."""

    width: int
    light: bool

    @property
    def folder(self) -> Path:
        """Where the pictures go."""
        standard = self.width == WIDTH and not self.light
        return PICTURES if standard else BUILD / f"{self.width}-{'light' if self.light else 'dark'}"


def main() -> int:
    """Draw the boards, all or those whose names are given, and return 0 when each could be drawn.

    With `--narrow` as a phone shows them, with `--light` in the light theme; such pictures are only to be looked at.
    """
    for program in ("npm", "influxd"):
        executable(program)  # before anything is done
    bundle()
    wanted = {name for name in sys.argv[1:] if not name.startswith("--")}
    looks = Looks(width=NARROW if "--narrow" in sys.argv else WIDTH, light="--light" in sys.argv)
    with tempfile.TemporaryDirectory() as name, influxdb1() as server:
        folder = Path(name)
        athlete = AthleteParameters(athlete_id=ATHLETE, last_day=LAST_DAY, days=500, activities=300, seconds=3600)
        account, *_ = sync([athlete, *others()], server.url, "boards", folder, own_clock=True)
        write_runs(server.url, "boards", NOW - timedelta(minutes=7), folder)
        for path in sorted((ROOT / "grafana/dashboards").glob("*.json")):
            board = json.loads(path.read_text(encoding="utf-8"))
            short = board["uid"].removeprefix("intervals-")
            if not wanted or short in wanted:
                page = write_page(board, Database(server.url, "boards", clock=NOW), account, looks)
                picture = looks.folder / f"{short}.png"
                size = draw(page, board, picture, folder, looks)
                if looks.folder == PICTURES:
                    record(path)
                sys.stdout.write(f"{picture.relative_to(ROOT)}  {size / 1000:.0f} kB\n")
    return 0


def others() -> list[AthleteParameters]:
    """More athletes, for the coach's board; one of them has no new days."""
    return [
        AthleteParameters(
            athlete_id=f"i{100001 + number}",
            last_day=LAST_DAY - timedelta(days=6 if number == 5 else 0),  # noqa: PLR2004 - any one
            days=120,
            activities=40,
            seconds=1200,
            seed=number,
        )
        for number in range(1, 9)
    ]


def record(path: Path) -> None:
    """Remember from which JSON a board's picture was drawn, so that a test can tell when it is stale."""
    drawn = dict(line.split() for line in DRAWN.read_text().splitlines()) if DRAWN.exists() else {}
    drawn[path.name] = hashlib.sha256(path.read_bytes()).hexdigest()
    DRAWN.write_text("".join(f"{name} {digest}\n" for name, digest in sorted(drawn.items())))


def bundle() -> None:
    """Install Grafana's packages beside the page and put everything into one script."""
    BUILD.mkdir(parents=True, exist_ok=True)
    shutil.copytree(PREVIEW / "src", BUILD / "src", dirs_exist_ok=True)
    for name in ("package.json", ".npmrc"):
        shutil.copy(PREVIEW / name, BUILD)
    _run("npm", "install", "--no-progress", "--loglevel=error", "--ignore-scripts")
    loaders = [f"--loader:.{ending}=dataurl" for ending in ("woff2", "svg")]
    loaders += [f"--loader:.{ending}=empty" for ending in ("woff", "ttf")]
    options = ["--bundle", "--minify", "--jsx=automatic", "--define:process.env.NODE_ENV='production'"]
    _run("node_modules/.bin/esbuild", "src/main.jsx", *options, *loaders, "--outfile=board.js", "--log-level=error")


def write_page(board: dict[str, Any], database: Database, account: Account, looks: Looks) -> Path:
    """Execute the board's queries and write a page with the answers."""
    span = Range.relative(board["time"]["from"], board["time"]["to"], NOW)
    values: dict[str, Value] = {"athlete": ATHLETE}
    if board["title"] == "Activity":
        span, chosen = one_activity(account)
        values |= chosen
    if board["title"] == "Progress":
        values |= {"km": "4500", "hours": "250"}
    if board["title"] == "Wellness":
        values["field"] = "RespRate"
    values = choices(board, database, values, span)
    answers = [{"panel": one.panel, "frames": one.frames} for one in execute(board, database, values, span)]
    data: dict[str, object] = {"board": board, "values": values, "range": [span.start, span.end], "answers": answers}
    data |= {"width": looks.width, "light": looks.light}
    page = BUILD / f"{board['uid']}.html"
    page.write_text(
        '<!doctype html><meta charset="utf-8"><link rel="stylesheet" href="board.css">'
        f"<body style='margin: 0'><script>{CLOCK}</script>"
        f'<div id="board"></div><script>window.BOARD = {json.dumps(data).replace("</", "<" + chr(92) + "/")}</script>'
        '<script src="board.js"></script>',
        encoding="utf-8",
    )
    return page


def one_activity(account: Account) -> tuple[Range, dict[str, Value]]:
    """Return the newest ride outside, as a link from a list opens it."""
    rides = [
        one for one in account.activities.values() if {"watts", "latlng", "temp"} <= set(one.get("stream_types") or ())
    ]
    ride = max(rides, key=lambda one: str(one["start_date_local"]))
    start = datetime.fromisoformat(ride["start_date_local"]).replace(tzinfo=timezone.utc).timestamp() * 1000
    return Range(round(start), round(start) + ride["elapsed_time"] * 1000), {
        "activity": ride["id"],
        "channel": "torque",
    }


def draw(page: Path, board: dict[str, Any], picture: Path, folder: Path, looks: Looks) -> int:
    """Let Chromium draw the page; return the picture's size in bytes."""
    program = next((path for path in map(shutil.which, CHROMIUM) if path), None)
    if not program:
        sys.exit("No Chromium found: apt-get install chromium")
    places = [one["gridPos"] for one in board["panels"]]
    rows = sum(one["h"] for one in places) if looks.width == NARROW else max(one["y"] + one["h"] for one in places)
    height = HEADER + FOOTER + ROW * rows
    raw = folder / "raw.png"
    window = (f"--window-size={looks.width},{height}", f"--user-data-dir={folder / 'chromium'}", f"--screenshot={raw}")
    _run(program, *FLAGS, *window, page.as_uri())
    picture.parent.mkdir(parents=True, exist_ok=True)
    with Image.open(raw) as image:
        reduced(image.convert("RGB")).save(picture, optimize=True)
    size = picture.stat().st_size
    if looks.folder == PICTURES and not LEAST < size < LIMIT:
        sys.exit(f"{picture.name} has {size} bytes, not {LEAST} to {LIMIT}: open {page} in a browser")
    return size


def reduced(image: Image.Image) -> Image.Image:
    """Return the picture in its most frequent colours; rarer ones, at edges, become the nearest."""
    found = sorted(image.getcolors(image.width * image.height) or (), reverse=True)
    colors = [color for _, color in found if isinstance(color, tuple)]
    kept: list[tuple[int, ...]] = []
    for color in colors:
        if len(kept) < COLORS and all(distance(color, one) >= APART for one in kept):
            kept.append(color)
    nearest = {color: min(range(len(kept)), key=lambda at: distance(color, kept[at])) for color in colors}
    result = Image.new("P", image.size)
    result.putpalette([channel for color in kept for channel in color])
    raw = image.tobytes()
    result.putdata([nearest[color] for color in zip(raw[::3], raw[1::3], raw[2::3], strict=True)])
    return result


def distance(one: tuple[int, ...], other: tuple[int, ...]) -> int:
    """How different two colours are."""
    return sum(abs(a - b) for a, b in zip(one, other, strict=True))


def _run(*command: str) -> None:
    done = subprocess.run(command, cwd=BUILD, capture_output=True, text=True, check=False, timeout=600)  # noqa: S603 - ours
    if done.returncode:
        sys.exit(f"{command[0]} failed:\n{done.stdout[-3000:]}{done.stderr[-3000:]}")


if __name__ == "__main__":
    try:
        sys.exit(main())
    except NotInstalledError as error:
        sys.exit(str(error))
