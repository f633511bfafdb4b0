"""Instances from a file: JSON as a request has them, or CSV rows."""

import csv
import io
import json
from codecs import BOM_UTF8
from typing import Any

from function_code.data.compression import unpack
from function_code.data.csv_file import HEADER_BYTES, sniff
from function_code.data.encoding import named
from function_code.data.json_value import json_value
from function_code.data.quotes import LineKeeper
from function_code.errors import Refused
from function_code.schema import Schema


def read_instances(data: bytes, name: str, schema: Schema) -> list[Any]:
    """The instances of a JSON document ({"instances": [...]} or a list) or of a CSV file. Raises Refused."""
    if not data.removeprefix(BOM_UTF8).lstrip().startswith((b"{", b"[")):
        return _rows(unpack(data, name), name, schema)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Refused(f"{name} is not UTF-8 ({error.reason})") from None
    try:
        content = json.loads(text)
    except ValueError as error:
        raise Refused(f"{name} is not JSON: {error}") from None
    instances = content.get("instances") if isinstance(content, dict) else content
    if not isinstance(instances, list):
        raise Refused(f'{name} has no instances; write {{"instances": [...]}}, a list, or CSV')
    return instances


def _rows(data: bytes, name: str, schema: Schema) -> list[Any]:
    file = sniff(data[:HEADER_BYTES], name, schema.encoding)
    columns = {column.name: column for column in schema.features}
    try:
        text = io.StringIO(data.decode(file.encoding), newline="")
    except UnicodeDecodeError as error:
        raise Refused(f"{name} is not {named(file.encoding)} ({error.reason})") from None
    lines = LineKeeper(text, file.skipped_lines)
    rows = []
    try:
        for record in csv.reader(lines, delimiter=file.delimiter, skipinitialspace=True):
            if swallowed := lines.swallowed(file.delimiter):
                raise Refused(f"{name} cannot be read: {swallowed}")
            if not "".join(record).strip():
                continue
            if len(record) != len(file.header):
                raise Refused(
                    f"line {lines.number} of {name} has {len(record)} fields, but the header has {len(file.header)}"
                )
            rows.append(record)
    except csv.Error as error:
        raise Refused(f"line {lines.number} of {name} is no CSV: {error}") from None

    def value(name: str, field: str) -> Any:
        return json_value(field, columns[name], file.delimiter == ";") if name in columns else field.strip() or None

    return [{column: value(column, field) for column, field in zip(file.header, row, strict=True)} for row in rows[1:]]
