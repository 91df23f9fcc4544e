"""Partial dates, as corpora give them: "2014", "2022-03", "2013-2014", "2022-02-24T17:00:00Z"."""

import calendar
import re
from datetime import date

_DATE = re.compile(r"(\d{4})(?:-(\d{2})(?!\d))?(?:-(\d{2})(?!\d))?")


def latest_day(text: str) -> date | None:
    """Return the last day that a partial ISO date can mean, None where there is no date in `text`.

    >>> latest_day("2014"), latest_day("2022-02"), latest_day("2013-2014")
    (datetime.date(2014, 12, 31), datetime.date(2022, 2, 28), datetime.date(2014, 12, 31))
    """
    days = []
    for year, month, day in _DATE.findall(text):
        try:
            last = calendar.monthrange(int(year), int(month or 12))[1]
            days.append(date(int(year), int(month or 12), int(day or last)))
        except ValueError:
            continue
    return max(days, default=None)
