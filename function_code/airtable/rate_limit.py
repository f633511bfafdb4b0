"""How Airtable is asked: no faster than it allows, silent after it said 429, and never longer than there is time."""

import time
from collections import deque
from collections.abc import Callable
from email.utils import parsedate_to_datetime
from itertools import count
from typing import Any

from requests import PreparedRequest, Response
from requests.adapters import HTTPAdapter
from requests.exceptions import ConnectionError as NoConnection
from requests.exceptions import Timeout

from function_code.airtable.api_errors import kind_of
from function_code.airtable.settings import AirtableSettings
from function_code.errors import Unreachable
from function_code.progress import ProgressLog

SecondsLeft = Callable[[], float]

TRIES = 6  # of one request
OFTEN = 0.25  # seconds, how often a wait looks whether it is still to go on
PASSING = (500, 502, 503, 504)
QUOTA = "PUBLIC_API_BILLING_LIMIT_EXCEEDED"  # a 429 that no wait of seconds helps against
# When a base gave its last answers, by address, base and how many: one list for all that a process asks of it.
ANSWERED: dict[tuple[str, str, int], deque[float]] = {}


class Patient(HTTPAdapter):
    """Sends requests, `rate` a second at the most to a base, and again if that may help.

    `requests` counts those sent; `began` is when the first answer came, by the clock of who gave it.
    Raises Unreachable as soon as `seconds_left` says that the time is over.
    """

    def __init__(self, airtable: AirtableSettings, log: ProgressLog, seconds_left: SecondsLeft) -> None:
        super().__init__()
        self.requests, self.began = 0, 0.0
        self._pause, self._log, self._seconds_left = airtable.pause, log, seconds_left
        # A request reaches Airtable before its answer reaches us: with each one a window after the answer to the one
        # that many before, no window there has more of them.
        most = max(1, int(airtable.rate))
        self._answered = ANSWERED.setdefault((airtable.url, airtable.base, most), deque(maxlen=most))
        self._window = most / airtable.rate

    def send(self, request: PreparedRequest, *args: Any, **options: Any) -> Response:
        """As every adapter of requests; what is answered in the end may still be an error."""
        # A field that was created, though nobody heard so, can't be created again; all else can be done twice.
        once = request.method == "POST" and str(request.url).endswith("/fields")
        for tries in count(1):
            full = len(self._answered) == self._answered.maxlen
            self._wait(self._answered[0] + self._window - time.monotonic() if full else 0)
            self.requests += 1
            try:
                response = super().send(request, *args, **options)
                self._answered.append(time.monotonic())
                self.began = self.began or _date(response)
            except (NoConnection, Timeout):
                self._answered.append(time.monotonic())
                if tries == TRIES or once:
                    raise
                self._wait(min(2**tries, self._pause))
                continue
            if tries == TRIES or (once and response.status_code in PASSING) or not self._again(response, tries):
                return response
        raise AssertionError("count ends")

    def _again(self, response: Response, tries: int) -> bool:
        """Whether to ask again, now."""
        if response.status_code == 429 and kind_of(response) != QUOTA:
            self._log(f"Airtable has had too many requests for this base; going on in {self._pause:g} s")
            self._wait(self._pause)
        elif response.status_code in PASSING:
            self._wait(min(2**tries, self._pause))
        else:
            return False
        return True

    def _wait(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while True:
            left = until - time.monotonic()
            if self._seconds_left() <= max(left, 0):
                raise Unreachable("the time for talking to Airtable is over; the rest follows the next time")
            if left <= 0:
                return
            time.sleep(min(left, OFTEN))


def _date(response: Response) -> float:
    try:
        return parsedate_to_datetime(response.headers["date"]).timestamp()
    except (KeyError, ValueError):
        return time.time()
