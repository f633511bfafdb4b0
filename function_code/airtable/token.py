"""The token, read from the place that a reference names. No error of this module contains it."""

import json
import os
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import quote, urlsplit
from urllib.request import Request, urlopen

from function_code.errors import Refused, Unreachable

ARN_PREFIX = "arn:"
KEY_VAULT_SUFFIX = ".vault.azure.net"
VAULT_VERSION, IDENTITY_VERSION = "7.4", "2019-08-01"
TIMEOUT_SECONDS = 20


def read_token(reference: str) -> str:
    """The token. Raises Refused, or Unreachable if another try may have more luck.

    The reference is the path of a file that nobody else can read, the ARN of a secret of AWS Secrets Manager, or a
    secret's URL in Azure Key Vault.
    """
    if not reference:
        raise Refused("airtable.token is not set; it says where the token is kept")
    if reference.startswith(ARN_PREFIX):
        token = _from_secrets_manager(reference)
    elif (urlsplit(reference).hostname or "").endswith(KEY_VAULT_SUFFIX):
        token = _from_key_vault(reference)
    else:
        token = _from_file(Path(reference))
    token = token.strip()
    if not token or not token.isascii() or not token.isprintable() or " " in token:
        raise Refused(f"what {reference} holds is no token of Airtable; they begin with pat and have no spaces")
    return token


def _from_file(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is no text"
        raise Refused(f"the token of Airtable cannot be read from {path}: {why}") from None


def _from_secrets_manager(arn: str) -> str:
    # In AWS's own Python, and in the image that trains there; nowhere else is there a secret with an ARN.
    import boto3
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        region = arn.split(":")[3]
        return str(boto3.client("secretsmanager", region_name=region).get_secret_value(SecretId=arn)["SecretString"])
    except ClientError as error:
        code = error.response.get("Error", {}).get("Code", "")
        raise Unreachable(f"the token of Airtable cannot be read from {arn}: {code}") from None
    except (BotoCoreError, IndexError, KeyError) as error:
        raise Unreachable(f"the token of Airtable cannot be read from {arn}: {type(error).__name__}") from None


def _from_key_vault(url: str) -> str:
    """By the managed identity of the function, as App Service offers it."""
    endpoint, header = os.environ.get("IDENTITY_ENDPOINT"), os.environ.get("IDENTITY_HEADER")
    if not (endpoint and header):
        raise Refused(f"the token of Airtable is in {url}, but this is no function with a managed identity")
    request = f"{endpoint}?resource={quote('https://vault.azure.net', safe='')}&api-version={IDENTITY_VERSION}"
    if client := os.environ.get("AZURE_CLIENT_ID"):
        request += f"&client_id={quote(client)}"
    access = _answer(request, {"x-identity-header": header}, "the managed identity")["access_token"]
    secret = _answer(f"{url}?api-version={VAULT_VERSION}", {"authorization": f"Bearer {access}"}, url)
    return str(secret["value"])


def _answer(url: str, headers: dict[str, str], whose: str) -> Any:
    try:
        with urlopen(Request(url, headers=headers), timeout=TIMEOUT_SECONDS) as answer:  # noqa: S310 - configured, not given
            return json.load(answer)
    except HTTPError as error:
        raise Unreachable(f"the token of Airtable: {whose} answers {error.code}") from None
    except (URLError, OSError, ValueError) as error:
        raise Unreachable(f"the token of Airtable: {whose} does not answer ({type(error).__name__})") from None
