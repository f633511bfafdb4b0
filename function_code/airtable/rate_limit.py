"""Rate limits of Airtable: requests no faster than it allows, a pause after each 429, an end when the time is over."""

import time
from collections import deque
from collections.abc import Callable
from email.utils import parsedate_to_datetime
from itertools import count
from typing import Any

from requests import PreparedRequest, Response
from requests.adapters import HTTPAdapter
from requests.exceptions import ConnectionError as RequestsConnectionError
from requests.exceptions import Timeout

from function_code.airtable.api_errors import error_type
from function_code.airtable.settings import AirtableSettings
from function_code.errors import Unreachable
from function_code.progress import ProgressLog

SecondsLeft = Callable[[], float]

MAX_TRIES = 6  # of one request
POLL_SECONDS = 0.25  # between two looks of a wait at the time that is left
RETRYABLE_STATUSES = (500, 502, 503, 504)
QUOTA_ERROR = "PUBLIC_API_BILLING_LIMIT_EXCEEDED"  # a 429 that no wait of seconds helps against
# Times of a base's last answers, by address, base and how many: one list for all requests of a process to it.
ANSWER_TIMES: dict[tuple[str, str, int], deque[float]] = {}


class RateLimitedAdapter(HTTPAdapter):
    """Sends requests, `rate` a second at the most to a base, and again if that may help.

    `requests` counts those sent; `began` is the time of the first answer, by Airtable's clock.
    Raises Unreachable as soon as `seconds_left` says that the time is over.
    """

    def __init__(self, airtable: AirtableSettings, log: ProgressLog, seconds_left: SecondsLeft) -> None:
        super().__init__()
        self.requests, self.began = 0, 0.0
        self._pause_seconds, self._log, self._seconds_left = airtable.pause, log, seconds_left
        # A request reaches Airtable before its answer reaches us: with each one a window after the answer to the one
        # that many before, no window there has more of them.
        window_requests = max(1, int(airtable.rate))
        self._answer_times = ANSWER_TIMES.setdefault(
            (airtable.url, airtable.base, window_requests), deque(maxlen=window_requests)
        )
        self._window_seconds = window_requests / airtable.rate

    def send(self, request: PreparedRequest, *args: Any, **options: Any) -> Response:
        """Sends, as every adapter of `requests` does; the answer in the end may still be an error."""
        # A field that was created, though nobody heard so, can't be created again; all else can be done twice.
        once = request.method == "POST" and str(request.url).endswith("/fields")
        for tries in count(1):
            full = len(self._answer_times) == self._answer_times.maxlen
            self._wait(self._answer_times[0] + self._window_seconds - time.monotonic() if full else 0)
            self.requests += 1
            try:
                response = super().send(request, *args, **options)
                self._answer_times.append(time.monotonic())
                self.began = self.began or _date(response)
            except (RequestsConnectionError, Timeout):
                self._answer_times.append(time.monotonic())
                if tries == MAX_TRIES or once:
                    raise
                self._wait(min(2**tries, self._pause_seconds))
                continue
            final = tries == MAX_TRIES or (once and response.status_code in RETRYABLE_STATUSES)
            if final or not self._wait_to_retry(response, tries):
                return response
        raise AssertionError("count ends")

    def _wait_to_retry(self, response: Response, tries: int) -> bool:
        """Waits, and returns True, if another try may help."""
        if response.status_code == 429 and error_type(response) != QUOTA_ERROR:
            self._log(f"Airtable has had too many requests for this base; going on in {self._pause_seconds:g} s")
            self._wait(self._pause_seconds)
        elif response.status_code in RETRYABLE_STATUSES:
            self._wait(min(2**tries, self._pause_seconds))
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
            time.sleep(min(left, POLL_SECONDS))


def _date(response: Response) -> float:
    try:
        return parsedate_to_datetime(response.headers["date"]).timestamp()
    except (KeyError, ValueError):
        return time.time()
