"""Requests to Airtable, by pyairtable, with its limits kept and its errors explained."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from pyairtable import Api
from pyairtable.formulas import EQ, OR, RECORD_ID
from requests.exceptions import HTTPError, RequestException

from function_code.airtable.api_errors import CREATE_SCOPE, READ_SCOPE, SCHEMA_SCOPE, WRITE_SCOPE, to_error
from function_code.airtable.rate_limit import RateLimitedAdapter, SecondsLeft
from function_code.airtable.settings import AirtableSettings
from function_code.errors import Unreachable
from function_code.progress import ProgressLog

Record = dict[str, Any]  # id, and fields by their names

PAGE_RECORDS, BATCH_RECORDS = 100, 10  # that one request reads, and writes, at the most
TIMEOUT_SECONDS = (10, 60)  # to connect, and to wait for an answer


class Airtable:
    """One base. Every method raises Refused, or Unreachable where another try may do."""

    def __init__(self, settings: AirtableSettings, token: str, log: ProgressLog, seconds_left: SecondsLeft) -> None:
        self._api = Api(token, timeout=TIMEOUT_SECONDS, retry_strategy=None, endpoint_url=settings.url)
        self._adapter = RateLimitedAdapter(settings, log, seconds_left)
        self._api.session.mount(settings.url, self._adapter)
        self._base = self._api.base(settings.base)
        self._url = settings.url

    @property
    def requests(self) -> int:
        """The number of requests sent: each counts against the workspace's monthly quota."""
        return self._adapter.requests

    @property
    def began(self) -> float:
        """The time of the first answer, by Airtable's clock, in seconds since 1970."""
        return self._adapter.began

    def tables(self) -> list[dict[str, Any]]:
        """The schema of the base's tables, as Airtable writes it."""
        with self._translated_errors("", SCHEMA_SCOPE):
            tables: list[dict[str, Any]] = self._api.get(self._base.urls.tables)["tables"]
            return tables

    def pages(self, table: str, **options: Any) -> Iterator[list[Record]]:
        """The records of a table, at most PAGE_RECORDS at a time; `options` are pyairtable's."""
        with self._translated_errors(table, READ_SCOPE):
            for page in self._base.table(table).iterate(page_size=PAGE_RECORDS, **options):
                yield [{"id": record["id"], "fields": record["fields"]} for record in page]

    def existing(self, table: str, ids: Sequence[str]) -> set[str]:
        """The ids of a batch of records that still exist."""
        formula = OR([EQ(RECORD_ID(), record) for record in ids])
        return {record["id"] for page in self.pages(table, formula=formula) for record in page}

    def update(self, table: str, records: Sequence[Record], key: str, typecast: bool) -> None:
        """Writes a batch: into the records of these ids or, with a key, of these values in that field, or new ones."""
        with self._translated_errors(table, WRITE_SCOPE):
            if key:
                self._base.table(table).batch_upsert(list(records), [key], typecast=typecast)
            else:
                self._base.table(table).batch_update(
                    [{"id": record["id"], "fields": record["fields"]} for record in records], typecast=typecast
                )

    def create_field(self, table: str, name: str, kind: str, options: dict[str, Any] | None) -> str:
        """Adds a field to a table, by the table's id; returns its own."""
        with self._translated_errors(table, CREATE_SCOPE):
            return self._base.table(table).create_field(name, kind, options=options).id

    @contextmanager
    def _translated_errors(self, table: str, scope: str) -> Iterator[None]:
        where = f"base {self._base.id}" + (f", table {table!r}" if table else "")
        try:
            yield
        except HTTPError as error:
            raise to_error(error.response, where, scope) from None
        except RequestException as error:
            raise Unreachable(f"{where}: {self._url} does not answer ({type(error).__name__})") from None
