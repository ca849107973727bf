"""An executor on the workers of dask that does not take a result for an error.

dask's own looks at the state of a task after it has fetched the result. If the worker ends between
the two, the state is "lost", and the result is unpacked as an error: a run would fail with a
TypeError.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import CancelledError, Executor, Future
from typing import Any


class DaskExecutor(Executor):
    """An executor on the workers of a client. Its futures cannot be cancelled.

    Args:
        client: The `distributed.Client`.
        **options: Those of `Client.submit` for all tasks, such as `workers`.
    """

    def __init__(self, client: Any, **options: Any) -> None:
        self._client = client
        self._options = options

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Send a call to a worker; it is computed, however often it was before.

        Raises:
            Exception: If the client is closed; dask has no class of its own for that.
        """
        sent = self._client.submit(fn, *args, pure=False, **kwargs, **self._options)
        answer: Future[Any] = Future()
        answer.set_running_or_notify_cancel()
        self._client.loop.add_callback(self._answer, sent, answer)
        return answer

    async def _answer(self, sent: Any, answer: Future[Any]) -> None:
        try:
            result = await self._client.gather(sent, asynchronous=True)
        except asyncio.CancelledError:  # the client is being closed
            answer.set_exception(CancelledError())
        except BaseException as error:  # noqa: BLE001 - it is raised where somebody waits
            answer.set_exception(error)
        else:
            answer.set_result(result)
