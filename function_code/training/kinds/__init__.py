"""The kinds of a table's columns: inferred from their texts, and the texts as values of them."""
