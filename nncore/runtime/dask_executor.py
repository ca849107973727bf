"""dask's executor, which does not take a result for an error where its worker goes away just then.

dask looks at the state of a task after it has fetched the result. If the worker ends between the
two, the state is "lost", and the result is unpacked as an error: a run would fail with a TypeError.
"""

from __future__ import annotations

import asyncio
from concurrent.futures import CancelledError, Future
from typing import Any

from distributed.cfexecutor import ClientExecutor


class DaskExecutor(ClientExecutor):
    """An executor on the workers of a client. What it was given is not cancelled.

    Args:
        client: The `distributed.Client`.
        **options: Those of `Client.submit` for all tasks, such as `workers`.
    """

    def __init__(self, client: Any, **options: Any) -> None:
        super().__init__(client, pure=False, **options)  # type: ignore[no-untyped-call]

    def _wrap_future(self, sent: Any) -> Future[Any]:
        """Return a future that is completed with the result of dask's own."""
        answer: Future[Any] = Future()
        answer.set_running_or_notify_cancel()
        self._client.loop.add_callback(_pass_on, sent, answer)
        return answer


async def _pass_on(sent: Any, answer: Future[Any]) -> None:
    try:
        result = await sent._result()
    except asyncio.CancelledError:  # the client is being closed
        answer.set_exception(CancelledError())
    except BaseException as error:  # noqa: BLE001 - whoever waits is told
        answer.set_exception(error)
    else:
        answer.set_result(result)
