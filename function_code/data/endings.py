"""The endings, in small letters, of the names of files that are tables: what arrives by another name is none."""

TEXTS = (".csv", ".tsv", ".jsonl", ".ndjson", ".json")
PACKED = (".gz", ".bz2", ".xz", ".zst", ".zip")
ENDINGS = (*TEXTS, *(text + packed for text in TEXTS for packed in PACKED), ".parquet", ".xlsx", ".xlsm")
