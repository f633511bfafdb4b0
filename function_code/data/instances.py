"""Instances from a file: JSON as a request has them, or rows as in training."""

import csv
import io
import json
from codecs import BOM_UTF8
from typing import Any

from function_code.data.blocks import Blocks
from function_code.data.compression import unpack
from function_code.data.csv_file import HEADER_BYTES, sniff, text_from_header
from function_code.data.encoding import named
from function_code.data.formats import typed_blocks
from function_code.data.header import UNNAMED, are_names_again, is_rule
from function_code.data.json_value import json_value
from function_code.data.quotes import LineKeeper
from function_code.data.typed_values import text_of
from function_code.errors import Refused
from function_code.schema import Schema


def read_instances(data: bytes, name: str, schema: Schema) -> list[Any]:
    """The instances of a JSON document ({"instances": [...]} or a list) or of a file of rows. Raises Refused."""
    data = unpack(data, name)
    if data.removeprefix(BOM_UTF8).lstrip().startswith((b"{", b"[")):
        document = _document(data, name)
        instances = document.get("instances") if isinstance(document, dict) else document
        if isinstance(instances, list):
            return instances
        if document is not None:
            raise Refused(f'{name} has no instances; write {{"instances": [...]}}, a list, or CSV')
    blocks = typed_blocks(io.BytesIO(data), name, schema.encoding, schema.sheet, schema.known_names)
    return _typed_rows(blocks, name, schema) if blocks else _csv_rows(data, name, schema)


def _document(data: bytes, name: str) -> Any:
    """The JSON document; None if there are several, as in JSON Lines, or none. Raises Refused if it is broken."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Refused(f"{name} is not UTF-8 ({error.reason})") from None
    try:
        return json.loads(text)
    except ValueError as error:
        try:
            json.loads(text.splitlines()[0])
        except ValueError:
            raise Refused(f"{name} is not JSON: {error}") from None
        return None


def _typed_rows(blocks: Blocks, file: str, schema: Schema) -> list[Any]:
    features = {column.name: column for column in schema.features}

    def value(name: str, value: Any) -> Any:
        if name in features:
            return json_value(value, features[name])
        return value if type(value) in (int, list) else text_of(value).strip() or None

    fields = [name for name in blocks.header if _is_field(name, schema)]
    instances = []
    for block in blocks:
        for index in block.repeated_headers():
            raise Refused(f"row {block.first + index} of {file} is a part of the header, and no row; remove it")
        rows = zip(*(block.columns[name] for name in fields), strict=True)
        instances += [{name: value(name, each) for name, each in zip(fields, row, strict=True)} for row in rows]
    return instances


def _is_field(column: str, schema: Schema) -> bool:
    """Says whether a column is one of an instance: those without a name are not, unless a model has learned from it."""
    return not column.startswith(UNNAMED) or any(column == feature.name for feature in schema.features)


def _csv_rows(data: bytes, name: str, schema: Schema) -> list[Any]:
    file = sniff(data[:HEADER_BYTES], name, schema.encoding, schema.known_names)
    columns = {column.name: column for column in schema.features}
    lines = LineKeeper(text_from_header(io.BytesIO(data), file), file.skipped_lines)
    rows = list[list[str]]()
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
            if rows and (are_names_again(record, file.header) or (len(rows) == 1 and is_rule(record))):
                raise Refused(f"line {lines.number} of {name} is a part of the header, and no row; remove it")
            rows.append(record)
    except UnicodeDecodeError as error:
        raise Refused(f"{name} is not {named(file.encoding)} ({error.reason})") from None
    except csv.Error as error:
        raise Refused(f"line {lines.number} of {name} is no CSV: {error}") from None

    def value(name: str, field: str) -> Any:
        return json_value(field, columns[name], file.delimiter == ";") if name in columns else field.strip() or None

    fields = [name for name in file.header if _is_field(name, schema)]
    rows_by_name = (dict(zip(file.header, row, strict=True)) for row in rows[1:])
    return [{name: value(name, row[name]) for name in fields} for row in rows_by_name]
