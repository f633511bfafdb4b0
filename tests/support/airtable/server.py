"""A server of Airtable's protocol with one base, whose limits, and whose failures, are chosen.

`rate` requests a second are answered; after more than that, none for `pause` seconds. `quota` is what is left of the
month. `failures` has what happens at a request, by its number from 1: an HTTP status; "refuse", the connection ends
before anything is done; "lose", it is done, and the connection ends before the answer; "done", it is done, and
the answer is 503.
"""

import json
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from tests.support.airtable.base import Record, Refusal, Table, make_field, moment, new_id
from tests.support.fault_proxy import POLL_SECONDS

TOKEN = "patFAKE0000000000.0123456789abcdef"
BASE = "appFAKE0000000000"
SCOPES = ("data.records:read", "data.records:write", "schema.bases:read", "schema.bases:write")
MAX_BATCH_RECORDS, MAX_PAGE_RECORDS = 10, 100
MERGED_ON = ("number", "singleLineText", "multilineText", "singleSelect", "multipleSelects", "date")


class FakeAirtable(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, tables: list[Table]) -> None:
        super().__init__(("127.0.0.1", 0), _Api)
        self.tables = tables
        self.scopes = set(SCOPES)
        self.tokens: tuple[str, ...] = (TOKEN,)
        self.rate, self.pause, self.quota = 10_000, 0.5, 10**9
        self.failures: dict[int, int | str] = {}
        self.hook: Callable[[int], None] = lambda number: None
        """Called with the number of each request, before anything is done."""
        self.clock: Callable[[], float] = time.time
        """The clock of the answers' dates."""
        self.requests: list[tuple[str, str, Any]] = []
        """Method, path and content of each request; with the query in the content of a GET."""
        self.lock = threading.Lock()
        self.silent_until = 0.0
        self._recent: deque[float] = deque()
        self.lists: dict[str, list[str]] = {}

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    @property
    def settings(self) -> dict[str, Any]:
        """The part of AirtableSettings that finds this server, and does not wait long for it."""
        return {"base": BASE, "table": self.tables[0].name, "url": self.url, "rate": 10_000, "pause": self.pause}

    def writes(self) -> list[dict[str, Any]]:
        """The records of all writes, each as it was sent."""
        return [record for method, _, content in self.requests if method == "PATCH" for record in content["records"]]

    def table(self, name: str) -> Table:
        for table in self.tables:
            if name in (table.id, table.name):
                return table
        raise Refusal(403, "INVALID_PERMISSIONS_OR_MODEL_NOT_FOUND", "Invalid permissions, or it was not found")

    def admit(self, path: str) -> None:
        """Raises Refusal if this is more than Airtable answers."""
        now = time.monotonic()
        while self._recent and self._recent[0] <= now - 1:
            self._recent.popleft()
        self._recent.append(now)
        if now < self.silent_until or len(self._recent) > self.rate:
            self.silent_until = (
                max(self.silent_until, now + self.pause) if now >= self.silent_until else self.silent_until
            )
            refusal = Refusal(429, "RATE_LIMIT_REACHED")
            refusal.content = {"errors": [{"error": "RATE_LIMIT_REACHED", "message": "Rate limit exceeded."}]}
            raise refusal
        if not path.startswith("/v0/meta"):
            self.quota -= 1
            if self.quota < 0:
                refusal = Refusal(429, "PUBLIC_API_BILLING_LIMIT_EXCEEDED", "API billing plan limit exceeded.")
                refusal.content = {"errors": [{"error": "PUBLIC_API_BILLING_LIMIT_EXCEEDED", "message": "limit"}]}
                raise refusal

    def list_records(self, table: Table, request: dict[str, Any]) -> dict[str, Any]:
        size = min(int(request.get("pageSize", MAX_PAGE_RECORDS)), MAX_PAGE_RECORDS)
        if "offset" in request:
            listed, _, start = str(request["offset"]).partition("/")
            if listed not in self.lists:
                raise Refusal(422, "LIST_RECORDS_ITERATOR_NOT_AVAILABLE")
            ids, first = self.lists[listed], int(start)
        else:
            records = (
                table.matching(request["filterByFormula"]) if "filterByFormula" in request else table.records.values()
            )
            view = self._view(table, request.get("view"))
            ids, first, listed = [r.id for r in records if view is None or r.id in view], 0, new_id("itr")
            ids = ids[: int(request.get("maxRecords", 10**9))]
            self.lists[listed] = ids
        records = [table.records[each] for each in ids[first : first + size] if each in table.records]
        answer: dict[str, Any] = {
            "records": [record_answer(table, record, request.get("fields")) for record in records]
        }
        if first + size < len(ids):
            answer["offset"] = f"{listed}/{first + size}"
        return answer

    def _view(self, table: Table, name: str | None) -> set[str] | None:
        if name and name not in table.views:
            raise Refusal(422, "VIEW_NAME_NOT_FOUND", f"View {name} not found")
        return table.views[name] if name else None

    def update(self, table: Table, request: dict[str, Any]) -> dict[str, Any]:
        if len(request["records"]) > MAX_BATCH_RECORDS:
            raise Refusal(422, "INVALID_REQUEST_UNKNOWN", "You can update up to 10 records")
        merge = (request.get("performUpsert") or {}).get("fieldsToMergeOn", [])
        pairs = [(self._target_record(table, record, merge), record["fields"]) for record in request["records"]]
        for _, fields in pairs:
            table.check(fields, bool(request.get("typecast")))
        done, created = [], []
        for record, fields in pairs:
            if record is None:
                record = table.add({}, time.time())
                created.append(record.id)
            table.write(record, fields)
            done.append(record)
        answer: dict[str, Any] = {"records": [record_answer(table, record, None) for record in done]}
        if merge:
            answer |= {"createdRecords": created, "updatedRecords": [r.id for r in done if r.id not in created]}
        return answer

    def _target_record(self, table: Table, sent: dict[str, Any], merge: list[str]) -> Record | None:
        """The record to update, or None for a new one."""
        if "id" in sent:
            if sent["id"] not in table.records:
                raise Refusal(422, "ROW_DOES_NOT_EXIST", f"Record ID {sent['id']} does not exist in this table")
            return table.records[sent["id"]]
        for kind in (table.find(name)["type"] for name in merge):
            if kind not in MERGED_ON:
                raise Refusal(422, "INVALID_REQUEST_UNKNOWN", f"Cannot merge on a field of the type {kind}")
        merge_values = {table.find(name)["name"]: sent["fields"][name] for name in merge}
        matches = [
            r
            for r in table.records.values()
            if all(r.fields.get(name) == value for name, value in merge_values.items())
        ]
        if len(matches) > 1:
            raise Refusal(422, "INVALID_REQUEST_UNKNOWN", "Cannot update more than one record")
        return matches[0] if matches else None


class _Api(BaseHTTPRequestHandler):
    server: FakeAirtable
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        length = int(self.headers.get("content-length") or 0)
        content: Any = json.loads(self.rfile.read(length)) if length else {}
        url = urlsplit(self.path)
        for name, values in parse_qs(url.query).items():
            content[name.removesuffix("[]")] = values if name.endswith("[]") else values[0]
        server = self.server
        with server.lock:
            server.requests.append((self.command, unquote(url.path), content))
            number = len(server.requests)
            server.hook(number)
            failure = server.failures.get(number)
            if failure == "refuse":
                self.close_connection = True
                return
            try:
                if isinstance(failure, int):
                    raise Refusal(failure, "SERVICE_UNAVAILABLE")
                self._authorize()
                server.admit(url.path)
                status, answer = 200, self._answer([unquote(part) for part in url.path.split("/")[2:]], content)
            except Refusal as refusal:
                status, answer = refusal.status, refusal.content
        if failure == "done":
            status, answer = 503, Refusal(503, "SERVICE_UNAVAILABLE").content
        if failure == "lose":
            self.close_connection = True
            return
        data = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    do_POST = do_PATCH = do_GET  # noqa: N815 - the server's names

    def date_time_string(self, timestamp: float | None = None) -> str:
        return super().date_time_string(self.server.clock() if timestamp is None else timestamp)

    def log_message(self, *_: Any) -> None:
        pass

    def _authorize(self) -> None:
        if str(self.headers.get("authorization")).removeprefix("Bearer ") not in self.server.tokens:
            raise Refusal(401, "AUTHENTICATION_REQUIRED", "Authentication required")

    def _answer(self, path: list[str], content: Any) -> Any:
        match [self.command, *path]:
            case ["GET", "meta", "bases", base, "tables"]:
                self._needs("schema.bases:read", base)
                return {"tables": [table_schema(table) for table in self.server.tables]}
            case ["POST", "meta", "bases", base, "tables", table, "fields"]:
                self._needs("schema.bases:write", base)
                existing = self.server.table(table)
                if content["name"] in [each["name"] for each in existing.fields]:
                    raise Refusal(422, "DUPLICATE_OR_EMPTY_FIELD_NAME")
                created = make_field(content["name"], content["type"], **content.get("options", {}))
                existing.fields.append(created)
                return created
            case ["GET", base, table] | ["POST", base, table, "listRecords"]:
                self._needs("data.records:read", base)
                return self.server.list_records(self.server.table(table), content)
            case ["PATCH", base, table]:
                self._needs("data.records:write", base)
                return self.server.update(self.server.table(table), content)
        raise Refusal(404, "NOT_FOUND")

    def _needs(self, scope: str, base: str) -> None:
        if scope not in self.server.scopes or base != BASE:
            raise Refusal(403, "INVALID_PERMISSIONS_OR_MODEL_NOT_FOUND", "Invalid permissions, or it was not found")


def table_schema(table: Table) -> dict[str, Any]:
    """A table as the schema describes it."""
    views = [{"id": new_id("viw"), "name": name, "type": "grid"} for name in table.views]
    return {
        "id": table.id,
        "name": table.name,
        "primaryFieldId": table.fields[0]["id"],
        "fields": table.fields,
        "views": views,
    }


def record_answer(table: Table, record: Record, names: list[str] | None) -> dict[str, Any]:
    """A record as an answer has it."""
    return {"id": record.id, "createdTime": moment(record.created), "fields": table.filled_cells(record, names)}


@contextmanager
def serving(tables: list[Table]) -> Iterator[FakeAirtable]:
    """The server, for as long as it is needed."""
    with FakeAirtable(tables) as server:
        thread = threading.Thread(target=server.serve_forever, args=(POLL_SECONDS,), daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
