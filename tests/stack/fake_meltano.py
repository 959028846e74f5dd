"""Stands in for Meltano: acts as the file `behaviour` in its folder says, and notes what it was asked for."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

folder = Path(__file__).parent
behaviour = (folder / "behaviour").read_text().split()
command, *_ = sys.argv[1:]


def say(event: str, **fields: object) -> None:
    sys.stderr.write(json.dumps({"event": event, "level": "info", "name": "target-influxdb", **fields}) + "\n")


def hang() -> None:
    """Wait for the tap, then finish as Meltano does when a tap ends early."""
    ignore = "signal.signal(signal.SIGTERM, signal.SIG_IGN);" if "stubborn" in behaviour else ""
    tap = f"import signal, time; {ignore} print(flush=True); time.sleep(60)"
    command = [sys.executable, "-c", tap, "--config", str(folder / "run" / "tap-intervals-icu" / "tap.1.config.json")]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout
        process.stdout.readline()
        (folder / "hanging").touch()
        process.wait()
    say("Finished the batch in hand.")
    (folder / "finished").touch()
    say("Extractor failed", level="error", name="")
    sys.exit(1)


with (folder / "calls").open("a") as calls:
    calls.write(json.dumps({"arguments": sys.argv[1:], "environment": dict(os.environ)}) + "\n")

if command == "job":
    if "unmakeable" in behaviour:
        say("The disk is full.", level="error")
        sys.exit(1)
    Path(os.environ["MELTANO_DATABASE_URI"].removeprefix("sqlite:///")).write_text("whole")
    sys.exit(0)

if command == "config":
    sys.stdout.write((folder / "config").read_text())
    sys.exit(0)

if command == "state":
    sys.exit("uncleared" in behaviour)

if command == "invoke":
    text = sys.stdin.read()
    if "unwritable" in behaviour:
        say("Can't reach the database.", level="error")
        sys.exit(1)
    with (folder / "written").open("a") as written:
        written.write(text)
    sys.exit(0)

if "stubborn" in behaviour:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
say("METRIC", metric_info={})
say(f"The key is {os.environ.get('INTERVALS_API_KEY')}, says a careless plugin.")
sys.stderr.write("a line that is no JSON\n")
left = 0 if "outcomes" in behaviour else 3
say(f"activities: {left} left", stream="activities", athlete_id="i1", left=left, name="tap-intervals-icu")
requests = next((int(word.removeprefix("requests=")) for word in behaviour if word.startswith("requests=")), 9)
saved = {"requests_saved": 2} if "outcomes" in behaviour else {}
failing = [word.removeprefix("without=") for word in behaviour if word.startswith("without=")]
for athlete_id in ("i1", "i2", "i3") if "outcomes" in behaviour else ():
    reason = f"Athlete {athlete_id} could not be read. Refused." if athlete_id in failing else ""
    outcome = {"outcome": "failed" if reason else "complete", "requests": 3, "records": 5, "reason": reason}
    say(f"Athlete {athlete_id}", athlete_id=athlete_id, **outcome, name="tap-intervals-icu")
text = f"{requests} requests in this run; 4,991 left."
say(text, requests=requests, quota_left=4991, name="tap-intervals-icu", **saved)
say("12 points stored, 1 lines rejected.", points=12, rejected=1)
if "crash" in behaviour:
    key = os.environ["INTERVALS_API_KEY"]
    say("A fault of the tap.", level="error", plugin_exception={"type": "KeyError", "message": f"no {key} here"})
if "hang" in behaviour:
    hang()
if "busy" in behaviour:
    say("Another 'prod:x' pipeline is already running which started at ...", level="error", name="")
    sys.exit(1)
if "fail" in behaviour:
    say("Intervals.icu refused the key.", level="error", name="tap-intervals-icu")
    say("Run invocation could not be completed", level="error", name="")
    sys.exit(1)
if failing:
    say(f"Athlete {failing[0]} could not be read. Refused.", level="error", name="tap-intervals-icu")
    blocks = "Extractor and loader failed" if "full" in behaviour else "Extractor failed"
    say(f"Run invocation could not be completed as block failed: {blocks}", level="error", name="")
    sys.exit(1)
