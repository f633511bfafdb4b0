"""The categories, and elements of lists, that are frequent enough to be told apart."""

# A category in fewer rows than these counts as "other": a hundredth of them, or so many where that is less.
MIN_CATEGORY_SHARE, MIN_CATEGORY_ROWS = 0.01, 10
# And so do those beyond the most frequent ones: each becomes a column, and with more rows there is room for fewer.
MIN_CATEGORIES, MAX_CATEGORIES, MAX_CELLS = 40, 300, 5_000_000


def min_rows(rows: int) -> int:
    """The fewest rows, of so many, that a frequent category is in."""
    return max(2, min(MIN_CATEGORY_ROWS, int(MIN_CATEGORY_SHARE * rows)))


def max_categories(rows: int) -> int:
    """The most categories of a column that are told apart."""
    return min(MAX_CATEGORIES, max(MIN_CATEGORIES, MAX_CELLS // max(1, rows)))
