"""A session of a Streamlit app without a browser: it opens a page, clicks, and waits for texts.

It talks to the server as Streamlit's own page does: protobuf messages over a WebSocket, and
fragments rerun as often as the server says. So the server does all of its work, and no browser
takes part of the machine: thirty browsers on two cores would mostly measure themselves.

Two things differ from a browser: it caches no messages, so the server sends each chart whole, and
it draws nothing.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager, suppress

from streamlit.proto.Alert_pb2 import Alert
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.proto.Delta_pb2 import Delta
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.asyncio.client import ClientConnection, connect

#: The largest accepted message in bytes; a page of charts is far smaller.
LARGEST = 64 * 2**20
#: The component that tells the page when to rerun, see `ui/components/clock`.
CLOCK = "nncore.clock"
#: Seconds after which a request of that clock counts as lost, as in `clock.js`.
LOST = 5.0


class Session:
    """The session of one visitor, created by `Session.open`."""

    def __init__(self, socket: ClientConnection, page: str, query: str) -> None:
        self._socket = socket
        self._page, self._query = page, query
        self._page_hash = ""
        self._buttons: dict[str, str] = {}
        self._components: dict[str, str] = {}
        self._values: dict[str, WidgetState] = {}
        self._texts: list[str] = []
        #: What the page has shown in red: exceptions and errors.
        self.errors: list[str] = []
        self._heard = asyncio.Condition()
        self._polls: dict[str, asyncio.Task[None]] = {}

    @classmethod
    @asynccontextmanager
    async def open(cls, url: str, page: str, query: str = "") -> AsyncIterator[Session]:
        """Open a page, and listen until the block ends.

        Args:
            url: The server's address.
            page: The page's name in the address; empty for the first.
            query: The part of the address after the question mark.
        """
        address = url.replace("http", "ws", 1) + "/_stcore/stream"
        async with connect(address, max_size=LARGEST, compression=None) as socket:
            session = cls(socket, page, query)
            listening = asyncio.create_task(session._listen())
            try:
                await session._rerun()
                yield session
            finally:
                session._stop_polls()
                listening.cancel()
                with suppress(asyncio.CancelledError):
                    await listening

    async def click(self, key: str) -> None:
        """Click a button, and forget all texts seen before.

        Args:
            key: Its key, such as `"mnist.train"`.
        """
        await self._until(lambda: key in self._buttons, 60, f"the button {key}")
        self._texts.clear()
        state = WidgetState(id=self._buttons[key], trigger_value=True)
        await self._rerun(state=state)

    async def join(self, code: str) -> None:
        """Join a class by its address, and come back to the page and settings of before."""
        page, query = self._page, self._query
        await self._go("", f"class={code}")
        await self.click("class.join")
        await self.sees("No question is open", 60)
        await self._go(page, query)

    async def _go(self, page: str, query: str) -> None:
        """Open another address in this session, as a link within the page does."""
        self._page, self._query, self._page_hash = page, query, ""
        self._buttons.clear()
        self._texts.clear()
        await self._rerun()

    async def send(self, key: str, value: object) -> None:
        """Let a component send its state, as the canvas sends a drawing.

        Args:
            key: Its key, such as `"draw.canvas.0"`.
            value: The state, as JSON.
        """
        await self._until(lambda: key in self._components, 60, f"the component {key}")
        name = self._components[key]
        self._values[name] = WidgetState(id=name, json_value=json.dumps(value))
        await self._rerun()

    async def sees(self, text: str, seconds: float) -> None:
        """Wait for a text that contains `text`.

        Raises:
            TimeoutError: If none appears in time.
        """
        await self._until(lambda: any(text in seen for seen in self._texts), seconds, text)

    async def _until(self, condition: Callable[[], bool], seconds: float, what: str) -> None:
        try:
            async with asyncio.timeout(seconds), self._heard:
                await self._heard.wait_for(condition)
        except TimeoutError as error:
            last = " | ".join(self._texts[-5:])
            raise TimeoutError(f"Not seen within {seconds:g} s: {what}. Last: {last}") from error

    async def _rerun(self, fragment: str = "", state: WidgetState | None = None) -> None:
        """Request a rerun of the page, or of one fragment of it."""
        message = ClientState(
            query_string=self._query,
            page_script_hash=self._page_hash,
            page_name="" if self._page_hash else self._page,
            fragment_id=fragment,
            is_auto_rerun=bool(fragment),
        )
        message.widget_states.widgets.extend(self._values.values())
        if state is not None:
            message.widget_states.widgets.append(state)
        await self._socket.send(BackMsg(rerun_script=message).SerializeToString())

    async def _listen(self) -> None:
        async for data in self._socket:
            message = ForwardMsg.FromString(data)
            match message.WhichOneof("type"):
                case "new_session" if not message.metadata.run.fragment_ids:
                    self._stop_polls()  # a run of the whole page ends all polling
                case "page_info_changed":
                    self._query = message.page_info_changed.query_string
                case "navigation":
                    self._page_hash = message.navigation.page_script_hash
                case "auto_rerun":
                    self._poll(message.auto_rerun.fragment_id, message.auto_rerun.interval)
                case "delta":
                    self._note(message.delta)
            async with self._heard:
                self._heard.notify_all()

    def _stop_polls(self) -> None:
        for poll in self._polls.values():
            poll.cancel()
        self._polls.clear()

    def _poll(self, fragment: str, interval: float) -> None:
        async def ask() -> None:
            while True:
                await asyncio.sleep(interval)
                await self._rerun(fragment)

        self._start(fragment, ask())

    def _look_again(self, fragment: str, data: str) -> None:
        """Rerun a fragment after the given seconds, as the lab's clock does in a browser.

        Streamlit can lose a request, so it is sent again until the fragment's next clock comes.
        """
        seconds = json.loads(data)[-1]["seconds"]

        async def ask() -> None:
            await asyncio.sleep(seconds)
            while True:
                await self._rerun(fragment)
                await asyncio.sleep(max(LOST, 3 * seconds))

        self._start(fragment, ask())

    def _start(self, fragment: str, asking: Coroutine[None, None, None]) -> None:
        if fragment in self._polls:
            self._polls[fragment].cancel()
        self._polls[fragment] = asyncio.create_task(asking)

    def _note(self, delta: Delta) -> None:
        """Remember the buttons and texts of a message."""
        element = delta.new_element
        match element.WhichOneof("type"):
            case "bidi_component" if element.bidi_component.component_name == CLOCK:
                self._look_again(delta.fragment_id, element.bidi_component.json)
            case "bidi_component":
                name = element.bidi_component.id
                self._components[name.split("-", 2)[2]] = name
            case "button":
                name = element.button.id  # "$$ID-<hash>-<key>"
                self._buttons[name.split("-", 2)[2]] = name
            case "exception":
                self.errors.append(element.exception.message)
            case "alert" if element.alert.format == Alert.ERROR:
                self.errors.append(element.alert.body)
            case "progress":
                self._texts.append(element.progress.text)
            case "markdown":
                self._texts.append(element.markdown.body)
