"""The events of Azure's documentation, with the parts that a test is about."""

import json
from pathlib import Path
from urllib.parse import quote

LITERAL = Path(__file__).parent / "messages" / "blob_created.json"


ETAG = "0x8D4BCC2E4835CD0"


def arrived(key: str, url: str, etag: str = ETAG) -> str:
    """The news of a blob in the store of that URL, as Event Grid puts it into the queue."""
    event = json.loads(LITERAL.read_bytes())
    container = url.rpartition("/")[2]
    event |= {"subject": f"/blobServices/default/containers/{container}/blobs/{key}"}
    event["data"] |= {"url": f"{url}/{quote(key)}", "eTag": f'"{etag}"'}
    return json.dumps(event)
