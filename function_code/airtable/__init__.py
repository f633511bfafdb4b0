"""A table of Airtable as source of the data and as sink of the predictions: `sync.pull` and `sync.write_back`.

Only modules that send requests to Airtable import pyairtable; training and serving without it do without this.
"""
