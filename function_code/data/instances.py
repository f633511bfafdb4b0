"""Instances from a file: JSON as a request has them, or CSV rows."""

import csv
import io
import json
from typing import Any

from function_code.errors import Refused
from function_code.schema import Schema


def read_instances(data: bytes, name: str, schema: Schema) -> list[Any]:
    """The instances of a JSON document ({"instances": [...]} or a list) or of a CSV file. Raises Refused."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Refused(f"{name} is not UTF-8 ({error.reason})") from None
    if not text.lstrip().startswith(("{", "[")):
        return _rows(text, name, schema)
    try:
        content = json.loads(text)
    except ValueError as error:
        raise Refused(f"{name} is not JSON: {error}") from None
    instances = content.get("instances") if isinstance(content, dict) else content
    if not isinstance(instances, list):
        raise Refused(f'{name} has no instances; write {{"instances": [...]}}, a list, or CSV')
    return instances


def _rows(text: str, name: str, schema: Schema) -> list[Any]:
    from function_code.data.csv_file import sniff
    from function_code.data.json_value import json_value

    file = sniff(text[: 1 << 20].encode(), name)
    columns = {column.name: column for column in schema.features}
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=file.delimiter, skipinitialspace=True)
    try:
        rows = [record for record in reader if record][1:]
    except csv.Error as error:
        raise Refused(f"line {reader.line_num} of {name} is no CSV: {error}") from None
    return [
        {
            column: json_value(field, columns[column], file.delimiter == ";")
            if column in columns
            else field.strip() or None
            for column, field in zip(file.header, row, strict=False)
        }
        for row in rows
    ]
