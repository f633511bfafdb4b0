"""Sheets of Excel workbooks as blocks of rows, read by calamine: a tenth of the time of readers written in Python.

It reads .xls, too, but a damaged one ends the process.
"""

import io
from collections.abc import Callable, Collection, Iterator
from itertools import chain, islice
from typing import IO, Any

from function_code.column import MAX_WHOLE_NUMBER
from function_code.data.blocks import BLOCK_ROWS, Block
from function_code.data.header import header_position, read_names, title_note
from function_code.data.native_errors import refuse_damage
from function_code.data.typed_values import text_of, texts_of
from function_code.data.workbook_size import check_size
from function_code.errors import Refused

SAMPLE_ROWS = 200  # among which is the header


class WorkbookBlocks:
    """The blocks of a workbook's sheet. Raises Refused if it is none, or has several sheets.

    `sheet` is the one to read; where it is not set, it is the only one that is visible and not empty. `columns` are
    names that its header may have.
    """

    decimal_comma = False

    def __init__(self, file: IO[bytes], name: str, sheet: str = "", columns: Collection[str] = ()) -> None:
        # Imported here, as below: most files are CSV.
        from python_calamine import CalamineWorkbook

        content = io.BytesIO(file.read())
        self._name, self.notes, self._has_cut_digits = name, list[str](), False
        if errors := check_size(content, name):
            self.notes.append(
                f"cells of the workbook {name} that hold errors, such as #DIV/0!, are missing: {errors:,}"
            )
        workbook = self._call(lambda: CalamineWorkbook.from_filelike(content))
        self._sheet = self._choose(workbook, sheet)
        self._rows = _filled_rows(self._sheet)
        self._read_header(columns)

    def __iter__(self) -> Iterator[Block]:
        """Yields the blocks."""
        first = 1
        while chunk := list(islice(self._rows, BLOCK_ROWS)):
            columns = [list(column) for column in zip(*(row for _, row in chunk), strict=True)]
            self._note_cut_digits(columns)
            yield Block(first, len(chunk), dict(zip(self.header, columns, strict=True)))
            first += len(chunk)

    def _choose(self, workbook: Any, chosen: str) -> Any:
        from python_calamine import SheetTypeEnum, SheetVisibleEnum

        sheets = [each for each in workbook.sheets_metadata if each.typ == SheetTypeEnum.WorkSheet]
        names = [each.name for each in sheets]
        if chosen:
            if chosen not in names:
                raise Refused(f"{self._name} has no sheet {chosen!r}; it has {', '.join(map(repr, names))}: set SHEET")
            return self._open(workbook, chosen)
        visible = [each.name for each in sheets if each.visible == SheetVisibleEnum.Visible]
        filled = [sheet for name in visible if (sheet := self._open(workbook, name)).height]
        if not filled:
            raise Refused(f"{self._name} is empty: a sheet begins with a row of column names")
        if len(filled) > 1:
            listed = ", ".join(repr(sheet.name) for sheet in filled)
            raise Refused(f"{self._name} has {len(filled)} sheets; set SHEET to the one that is the table: {listed}")
        return filled[0]

    def _open(self, workbook: Any, name: str) -> Any:
        return self._call(lambda: workbook.get_sheet_by_name(name))

    def _read_header(self, columns: Collection[str]) -> None:
        """Reads up to the header; says what is above it."""
        first = list(islice(self._rows, SAMPLE_ROWS))
        if not any(text.strip() for _, row in first for text in texts_of(row)):
            raise Refused(f"sheet {self._sheet.name!r} of {self._name} is empty: it begins with a row of column names")
        position = header_position([texts_of(row) for _, row in first], columns)
        self.header, notes = read_names(texts_of(first[position][1]), columns, self._name)
        self.notes += notes
        self._rows = chain(first[position + 1 :], self._rows)
        header_row = first[position][0]
        merged = sum(last > header_row for each in _merged_over_rows(self._sheet).values() for _, last in each)
        if merged:
            self.notes.append(
                f"cells of {self._name} that are merged over several rows count for each of them: {merged:,}"
            )
        if position:
            title = next(text_of(value) for value in first[0][1] if value is not None)
            self.notes.append(title_note(self._name, f"row {header_row}", title))

    def _note_cut_digits(self, columns: list[list[Any]]) -> None:
        """Says once that whole numbers may have lost their last digits, which makes ids of several one."""
        if self._has_cut_digits:
            return
        for name, column in zip(self.header, columns, strict=True):
            long = next(
                (
                    value
                    for value in column
                    if type(value) is float and value.is_integer() and abs(value) > MAX_WHOLE_NUMBER
                ),
                None,
            )
            if long is not None:
                self._has_cut_digits = True
                text = "of which a workbook keeps 15 digits; ids of that length have to be texts there"
                self.notes.append(f"column {name!r} of {self._name} has whole numbers such as {long:.0f}, {text}")
                return

    def _call(self, call: Callable[[], Any]) -> Any:
        return refuse_damage(
            call, lambda line: f"{self._name} cannot be read as a workbook ({line}); save the sheet as CSV UTF-8"
        )


def _merged_over_rows(sheet: Any) -> dict[int, list[tuple[int, int]]]:
    """The cells that are merged over several rows: column, from 0, and last row of each, by its first row, from 1."""
    merged: dict[int, list[tuple[int, int]]] = {}
    left = sheet.start[1] if sheet.start else 0
    for (first, column), (last, _) in sheet.merged_cell_ranges or ():
        if last > first and 0 <= column - left < sheet.width:
            merged.setdefault(first + 1, []).append((column - left, last + 1))
    return merged


def _filled_rows(sheet: Any) -> Iterator[tuple[int, list[Any]]]:
    """Yields the rows that are not empty, with their numbers; a cell that is merged over rows is in each of them."""
    if not sheet.height:
        return
    merged, current = _merged_over_rows(sheet), dict[int, tuple[int, Any]]()
    for number, cells in enumerate(sheet.iter_rows(), 1):
        row = [None if value == "" else value for value in cells]
        current = {column: (last, value) for column, (last, value) in current.items() if number <= last}
        for column, (_, value) in current.items():
            row[column] = value
        current.update({column: (last, row[column]) for column, last in merged.get(number, ())})
        if any(value is not None for value in row):
            yield number, row
