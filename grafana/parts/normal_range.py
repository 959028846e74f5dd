"""What counts as normal: one definition each for HRV, resting heart rate, sleep, its score, and form.

The mean of the newest 7 days, at least 4 of them measured, is held against the normal range of the 60 days before them,
at least 20 of them measured: their mean minus and plus half a standard deviation of the daily values, the smallest
worthwhile change. HRV is taken as ln rMSSD. Method: Plews, Laursen, Stanley, Kilding, Buchheit (2013), "Training
adaptation and heart rate variability in elite endurance athletes", Sports Medicine 43; half a standard deviation as in
Vesterinen et al. (2016), Med Sci Sports Exerc 48, and Javaloyes et al. (2019), Int J Sports Physiol Perform 14. The
other measures are held to the same rule. None of it is medical advice.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from grafana.parts import style
from grafana.parts.panels import spanned
from grafana.parts.query import ATHLETE, FIT, Query, newest_day
from grafana.parts.style import Span
from grafana.parts.windows import WEEK_DAYS, Windows, before, up_to

if TYPE_CHECKING:
    from grafana_foundation_sdk.models.dashboard import RangeMap

NORMAL_DAYS = 60
LEAST_WEEK, LEAST_NORMAL = 4, 20
"""Days that must be measured, of the 7 and of the 60."""
CHANGE = 0.5
"""Half the width of the normal range, in standard deviations."""
BOTH = WEEK_DAYS + NORMAL_DAYS
RANGE_AND_BEFORE, LAST_DAYS = before(BOTH + 1), up_to(BOTH + 1)
ALL_ATHLETES = "\"athlete_id\" != ''"
UNKNOWN = "not enough data"
RULE = (
    f"the mean of the newest {WEEK_DAYS} days (at least {LEAST_WEEK} measured) against the normal range, which is the "
    f"mean ± {CHANGE} standard deviations of the {NORMAL_DAYS} days before them (at least {LEAST_NORMAL} measured)"
)
ENOUGH = (f'"n{WEEK_DAYS}" > {LEAST_WEEK - 0.5}', f'"n{BOTH}" - "n{WEEK_DAYS}" > {LEAST_NORMAL - 0.5}')


@dataclass(frozen=True, kw_only=True)
class Measure:
    """A field of wellness with a normal range. `value` is InfluxQL; `back` turns its mean into `unit`.

    `worse` is the side that is no good sign: "below" or "above".
    """

    name: str
    field: str
    value: str
    unit: str
    worse: str
    decimals: int = 0
    back: str = "{}"
    formula: str = ""

    @property
    def spoken(self) -> str:
        """The name within a sentence."""
        return self.name if self.name.isupper() else self.name.lower()

    @property
    def mappings(self) -> list[RangeMap]:
        """The words as Grafana's value mappings, for an override of the column with the measure's name."""
        return spanned(self.verdicts)

    @property
    def verdicts(self) -> tuple[Span, ...]:
        """Words and colours for the place of the week in its normal range, in standard deviations from its middle."""
        below, above = (style.CARE if self.worse == side else style.UNUSUAL for side in ("below", "above"))
        return (
            Span(-CHANGE, CHANGE, "within normal", style.GOOD),
            Span(None, -CHANGE, "below normal", below),
            Span(CHANGE, None, "above normal", above),
        )


HRV = Measure(
    name="HRV", field="hrv", value='ln("hrv")', back="exp({})", unit=style.MS, worse="below", formula="ln(hrv)"
)
RESTING = Measure(
    name="Resting heart rate", field="restingHR", value='"restingHR"', unit=style.BPM, worse="above", decimals=1,
    formula="restingHR",
)  # fmt: skip
SLEEP = Measure(
    name="Sleep", field="sleepSecs", value='"sleepSecs" / 3600', unit=style.HOURS, worse="below", decimals=1,
    formula="sleepSecs / 3600",
)  # fmt: skip
SLEEP_SCORE = Measure(
    name="Sleep score", field="sleepScore", value='"sleepScore"', unit=style.NUMBER, worse="below",
    formula="sleepScore",
)  # fmt: skip
MEASURES = (HRV, RESTING, SLEEP, SLEEP_SCORE)

_WEEK = f'"s{WEEK_DAYS}" / "n{WEEK_DAYS}"'
_SUM, _COUNT = f'("s{BOTH}" - "s{WEEK_DAYS}")', f'("n{BOTH}" - "n{WEEK_DAYS}")'
_MEAN = f"{_SUM} / {_COUNT}"
# abs: equal values leave a difference of squares that rounding may turn below 0
_DEVIATION = f'sqrt(abs("q{BOTH}" - "q{WEEK_DAYS}" - {_SUM} * {_SUM} / {_COUNT}) / ({_COUNT} - 1))'


def _columns(measure: Measure) -> dict[str, str]:
    """Return what there is to say about a day, by name."""
    return {
        measure.name: f"({_WEEK} - {_MEAN}) / {_DEVIATION}",
        "7 days": measure.back.format(_WEEK),
        "Normal, low": measure.back.format(f"{_MEAN} - {CHANGE} * {_DEVIATION}"),
        "Normal, high": measure.back.format(f"{_MEAN} + {CHANGE} * {_DEVIATION}"),
    }


def _windows(measure: Measure, when: str, who: str, *, apart: bool = False) -> Windows:
    return Windows(measure.field, measure.value, (WEEK_DAYS, BOTH), when, who, apart)


def of_all(measure: Measure, when: str) -> str:
    """Return a SELECT of the place in the normal range on each day with enough data, by athlete: for alerts."""
    columns = f'{_columns(measure)[measure.name]} AS "{measure.name}"'
    return _windows(measure, when, ALL_ATHLETES, apart=True).by_day(columns, *ENOUGH)


def newest(measure: Measure, *names: str, when: str = LAST_DAYS, who: str = ATHLETE) -> Query:
    """Return the newest existing day: one row, or none where there is not enough data.

    Columns, or those of them in `names`: the measure's name with the place of the 7 days in the normal range (in
    standard deviations from its middle; `Measure.verdicts` has the words), "7 days", "Normal, low", "Normal, high" in
    its unit.
    `when` reaches at least 68 days back from the day; alerts give their own bounds, and `who`, without variables.
    """
    columns = {name: text for name, text in _columns(measure).items() if not names or name in names}
    return Query(_windows(measure, when, who).newest(columns, ENOUGH), table=True)


def course(measure: Measure, *names: str) -> Query:
    """Return the same for each existing day with enough data, a series per column."""
    columns = ", ".join(f'{text} AS "{name}"' for name, text in _columns(measure).items() if not names or name in names)
    return Query(_windows(measure, RANGE_AND_BEFORE, ATHLETE).by_day(columns, *ENOUGH))


def form(name: str = "Form") -> Query:
    """Form of the newest existing day in percent of fitness; `style.FORM_VERDICTS` has the words."""
    return newest_day(f'("ctl" - "atl") / "ctl" * 100 AS "{name}"', FIT)
