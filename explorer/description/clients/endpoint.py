"""A language model behind an OpenAI-compatible endpoint."""

import math
import os
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from typing import Any
from urllib.parse import urlsplit

import numpy as np

from explorer.description.clients.base import Client
from explorer.errors import DescriberError
from explorer.network.graph import Floats

URL = "EXPLORER_ENDPOINT_URL"
KEY = "EXPLORER_ENDPOINT_KEY"
TIMEOUT = 30.0  # seconds, for the connection and for a whole reply
RETRIES = 2
AT_ONCE = 4
MOST_BYTES = 10 * 2**20
MOST_TEXT = 2_000  # characters of a text that are read
_LETTERS = "ABCDEFGHIJKLMNOP"
_ASKED = "You complete texts. Reply with the completion only: one line of at most 20 words."


class EndpointClient(Client):
    """A model that an OpenAI-compatible server offers.

    The address comes from the environment variable ``EXPLORER_ENDPOINT_URL`` only, never from a
    page, and the key from ``EXPLORER_ENDPOINT_KEY``. The key is looked up anew for every request;
    it is not kept here.

    Parameters
    ----------
    model : str
        Its name on the server.

    Raises
    ------
    DescriberError
        If no address is configured.
    """

    remote = True
    at_once = AT_ONCE

    def __init__(self, model: str) -> None:
        self._url = os.environ.get(URL, "").strip()
        parts = urlsplit(self._url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise DescriberError(
                f"no endpoint is configured; expected its address in the environment variable "
                f"{URL}, such as http://localhost:11434/v1"
            )
        if parts.username or parts.password or parts.query:
            raise DescriberError(
                f"the address in {URL} carries a name, password or query; expected a plain "
                f"address, and the key in {KEY}"
            )
        self.name = model
        self.id = f"{model} at {self._url}"
        self._model = model
        self._places = threading.Semaphore(AT_ONCE)

    def complete(self, prompt: str, limit: int) -> Iterator[str]:
        """Ask for a completion; see ``Client.complete``."""
        failure = ""
        try:
            yield from self._completion(prompt, limit)
        except DescriberError:
            raise
        except Exception as problem:  # the library raises many kinds, and they may quote the key
            failure = _failure(problem)
        if failure:  # outside the handler, so that the new error does not carry the old one
            raise self._problem(failure)

    def _completion(self, prompt: str, limit: int) -> Iterator[str]:
        line, told = "", 0
        with self._asking() as client, _stream(client, self._model, prompt, limit) as stream:
            ends = time.monotonic() + TIMEOUT
            for chunk in stream:
                line = (line + _text_of(chunk)).lstrip()
                if time.monotonic() > ends:
                    raise self._problem(f"did not finish within {TIMEOUT:.0f} seconds")
                if line[:1] == "<" and "<html" in line.lower():
                    raise self._problem("answered with a web page")
                if len(line) > MOST_TEXT:
                    raise self._problem(f"answered with more than {MOST_TEXT:,} characters")
                shown, newline, _ = line.partition("\n")
                if len(shown) > told:
                    yield shown[told:]
                    told = len(shown)
                if newline:
                    return
            if not line:
                raise self._problem("answered with nothing")

    def choose_letter(self, prompt: str, texts: Sequence[str]) -> Floats:
        """Return log p of each of several texts as the right one: a forced choice.

        The texts are offered as letters, and the probabilities of the first token of the reply
        (``top_logprobs``) are read. What is not among them gets the least of them.

        Raises
        ------
        DescriberError
            If the endpoint tells no probabilities.
        """
        letters = _LETTERS[: len(texts)]
        if len(letters) != len(texts):
            raise DescriberError(f"found {len(texts)} texts; expected at most {len(_LETTERS)}")
        listed = "\n".join(f"{a}) {text}" for a, text in zip(letters, texts, strict=True))
        asked = f"{prompt}\n{listed}\nWhich description is right? Reply with its letter only."
        found, failure = {}, ""
        try:
            found = self._letters(asked)
        except Exception as problem:
            failure = _failure(problem)
        if not failure and not set(found) & set(letters):
            failure = "tells no probabilities (top_logprobs)"
        if failure:
            raise self._problem(failure)
        least = min(found.values())
        return np.array([found.get(letter, least) for letter in letters])

    def _letters(self, asked: str) -> dict[str, float]:
        with self._asking() as client:
            reply = client.chat.completions.create(
                model=self._model,
                messages=[{"role": "user", "content": asked}],
                max_tokens=1,
                temperature=0,
                logprobs=True,
                top_logprobs=20,
            )
            return _letters_of(reply)

    def __repr__(self) -> str:
        return f"EndpointClient({self._model!r})"

    @contextmanager
    def _asking(self) -> Iterator[Any]:
        """Hold one of the places, and a connection."""
        import openai

        key = os.environ.get(KEY, "").strip() or "none"
        http = openai.DefaultHttpxClient(
            timeout=TIMEOUT, follow_redirects=False, event_hooks={"response": [_checked]}
        )
        with (
            self._places,
            openai.OpenAI(
                api_key=key,
                base_url=self._url,
                timeout=TIMEOUT,
                max_retries=RETRIES,
                http_client=http,
            ) as client,
        ):
            yield client

    def _problem(self, what: str) -> DescriberError:
        where = urlsplit(self._url)
        return DescriberError(
            f"the endpoint {where.hostname}{f':{where.port}' if where.port else ''} {what}; "
            f"expected a text by {self._model!r:.60}"
        )


def _failure(problem: BaseException) -> str:
    """Say what went wrong, without a word of the library's own message."""
    import openai

    http = _http_library()
    inner: BaseException | None = problem
    while inner is not None and not isinstance(inner, _NoTextError):
        inner = inner.__cause__
    if inner is not None:
        return str(inner)
    if isinstance(problem, openai.AuthenticationError):
        return f"refused the key in {KEY}" if os.environ.get(KEY) else f"wants a key in {KEY}"
    if isinstance(problem, openai.APIStatusError):
        return _said(problem.status_code)
    if isinstance(problem, openai.APITimeoutError | http.TimeoutException):
        return f"did not answer within {TIMEOUT:.0f} seconds"
    broken = (http.RemoteProtocolError, http.ReadError, http.DecodingError)
    if isinstance(problem, broken) or isinstance(problem.__cause__, broken):
        return "broke the connection off"
    if isinstance(problem, openai.APIConnectionError | http.HTTPError):
        return "cannot be reached"
    return "answered with something that is no completion"


def _http_library() -> Any:
    """Return the library that speaks HTTP for openai: httpx, or from its version 3 on httpx2."""
    import openai

    return import_module(openai.DefaultHttpxClient.__mro__[1].__module__.partition(".")[0])


class _NoTextError(Exception):
    """A reply that is not read any further."""


def _checked(response: Any) -> None:
    """Refuse a web page or a huge reply before it is read."""
    kind = response.headers.get("content-type", "")
    if response.status_code < 300 and "html" in kind:
        raise _NoTextError("answered with a web page")
    if int(response.headers.get("content-length") or 0) > MOST_BYTES:
        raise _NoTextError("answered with more than 10 MB")
    blocks = response.iter_raw  # the library reads replies through this

    def capped(*size: int) -> Iterator[bytes]:
        read = 0
        for block in blocks(*size):
            read += len(block)
            if read > MOST_BYTES:
                raise _NoTextError("answered with more than 10 MB")
            yield block

    response.iter_raw = capped


@contextmanager
def _stream(client: Any, model: str, prompt: str, limit: int) -> Iterator[Any]:
    stream = client.chat.completions.create(
        model=model,
        messages=[
            {"role": "system", "content": _ASKED},
            {"role": "user", "content": prompt},
        ],
        max_tokens=limit,
        temperature=0,
        stream=True,
    )
    try:
        yield stream
    finally:
        stream.close()


def _text_of(chunk: Any) -> str:
    choices = chunk.choices
    if not choices:
        return ""
    text = choices[0].delta.content
    if text is not None and not isinstance(text, str):
        raise TypeError(type(text).__name__)
    return text or ""


def _letters_of(reply: Any) -> dict[str, float]:
    told = reply.choices[0].logprobs
    if told is None or not told.content:
        return {}
    found: dict[str, float] = {}
    for one in told.content[0].top_logprobs:
        letter, value = str(one.token).strip().upper(), float(one.logprob)
        if math.isfinite(value):
            found[letter] = max(value, found.get(letter, -math.inf))
    return found


def _said(status: int) -> str:
    known = {
        400: "refused the request (400)",
        403: f"refused the key in {KEY} (403)",
        404: "knows no such model or address (404)",
        413: "finds the request too large (413)",
        429: "asks to slow down (429), and still did after 2 more tries",
    }
    if status >= 500:
        return f"failed ({status}), and still did after 2 more tries"
    return known.get(status, f"answered with the status {status}")
