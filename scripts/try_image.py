"""Carry out deploy/Dockerfile without a container engine, then try the lab that it makes.

    sudo .venv/bin/python scripts/try_image.py [--base FOLDER]

For Debian, with `debootstrap` and `ip`; it downloads about 500 MB. `--base` keeps the folder with
Debian and Python in it for the next time, or takes the one that is there.

Tried: each instruction in order, then the image's command as the first process of a container with
the rights that compose.yaml leaves it: the image's user without capabilities, a read-only root, one
volume, and the folder in memory that compose.yaml names. There the health check runs, a visitor
opens a page and trains a network, and SIGTERM must end it all.

Not tried: the base image. Debian's own Python, perhaps of another version, is put into /usr/local,
where the base image has its Python. Nor an engine's layers, limits and networks: this container has
only its loopback, so it downloads no data. COPY takes the files that git does not ignore.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import yaml  # type: ignore[import-untyped]

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from scripts.image_steps import Image, TrialError, find_downloads, make_base, read_steps, run

#: Programs that the trial starts, apart from those that every Debian has.
TOOLS = ("debootstrap", "git", "ip")
#: Mounts and processes in these are gone when the trial ends, however it ends.
NAMESPACES = ("unshare", "--mount", "--pid", "--fork", "--kill-child")
#: Seconds that the lab may take until it is healthy, and a visitor's network until it is trained.
PATIENCE = 300
#: Seconds that an engine gives a container to end.
ENDING = 10


def main() -> None:
    """Run the trial in a folder of its own, which is removed afterwards."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument(
        "--base", type=Path, help="a folder to keep the base in, or to take it from"
    )
    parser.add_argument("--work", type=Path, help=argparse.SUPPRESS)  # given within the namespaces
    parser.add_argument("--visit", help=argparse.SUPPRESS)  # given within the container's network
    options = parser.parse_args()
    if options.visit:
        asyncio.run(visit(options.visit))
    elif options.work:
        try_image(options.base, options.work)
    else:
        missing = [tool for tool in TOOLS if not shutil.which(tool)]
        if missing or os.geteuid():
            raise TrialError(f"The trial needs root's rights and {', '.join(missing or TOOLS)}.")
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that the folder is removed
        with TemporaryDirectory(prefix="try-image-") as work:
            base = (options.base or Path(work, "base")).absolute()
            inner = [sys.executable, __file__, "--base", base, "--work", work]
            sys.exit(subprocess.call([*NAMESPACES, "--mount-proc", *inner]))


def try_image(base: Path, work: Path) -> None:
    """Build the image, then start the lab in it, use it and end it.

    Raises:
        TrialError: If one of the steps fails.
    """
    os.umask(0o022)
    image = Image(work / "image")
    if not base.exists():
        make_base(base)
        report("installed Debian")
    build(image, base)
    with serving(image, work) as (server, first):
        wait_until_healthy(image, server, first)
        report(f"healthy: {' '.join(image.health)}")
        address = f"http://127.0.0.1:{image.environment['STREAMLIT_SERVER_PORT']}"
        visitor = [sys.executable, __file__, "--visit", address]
        if subprocess.call(["nsenter", f"--target={first}", "--net", *visitor]):
            raise TrialError("The visitor could not train a network.")
        report("a visitor opened a page and trained its network")
        report(f"{check_rights(first)} processes: none is root or has a capability")
        report(f"writable: {', '.join(check_writable(image, first))}, and nothing else")
        os.kill(first, signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            server.wait(ENDING)
        if server.poll() is None:
            raise TrialError(f"The lab had not ended {ENDING} s after SIGTERM.")
        report(f"ended after SIGTERM, with status {server.returncode}")


def report(text: str) -> None:
    """Print a line for a step that is done."""
    print(f"{time.strftime('%H:%M:%S')}  {text}", flush=True)


# Building


def build(image: Image, base: Path) -> None:
    """Carry out the Dockerfile on a copy of the base."""
    run("cp", "--archive", base, image.root)
    image.place("/etc/hosts").write_text("127.0.0.1 localhost\n", encoding="utf-8")
    run("mount", "-t", "proc", "proc", image.place("/proc"))
    run(*image.enter("python3", "-m", "venv", "/usr/local"), env=image.environment)
    version = run(*image.enter("python", "--version"), env=image.environment).strip()
    image.downloads, paths = find_downloads()
    mounted = [(path, image.place(str(path))) for path in paths]
    for source, target in mounted:
        (target if source.is_dir() else target.parent).mkdir(parents=True, exist_ok=True)
        if not target.exists():
            target.touch()
        run("mount", "--bind", "-o", "ro", source, target)
    for step in read_steps((ROOT / "deploy" / "Dockerfile").read_text(encoding="utf-8")):
        image.carry_out(step)
        instead = f", in its place Debian's {version}" if step.name == "FROM" else ""
        report(f"{step.name} {step.rest[:80]}{instead}")
    for _, target in reversed(mounted):
        run("umount", target)
    run("umount", image.place("/proc"))


# Running


def memory_folders() -> list[str]:
    """Return the folders that compose.yaml keeps in memory."""
    text = (ROOT / "deploy" / "compose.yaml").read_text(encoding="utf-8")
    found: str | list[str] = yaml.safe_load(text)["services"]["lab"].get("tmpfs", [])
    return [found] if isinstance(found, str) else found


@contextmanager
def serving(image: Image, work: Path) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """Run the image's command as the first process of a container.

    Yields:
        The process that waits for the container, and the first one's number on this machine.
    """
    run("mount", "--bind", "-o", "ro", image.root, image.root)
    run("mount", "--bind", "-o", "ro", "/sys", image.place("/sys"))
    for number, volume in enumerate(image.volumes):
        run("cp", "--archive", image.place(volume), work / f"volume{number}")
        run("mount", "--bind", work / f"volume{number}", image.place(volume))
    for folder in (*memory_folders(), "/dev/shm"):
        run("mount", "-t", "tmpfs", "-o", "mode=1777,nosuid,nodev", "tmpfs", image.place(folder))
    container = [*NAMESPACES, f"--mount-proc={image.place('/proc')}", "--net", "--ipc"]
    loopback = ["sh", "-c", 'ip link set lo up && exec "$@"', "sh"]
    command = [*container, *loopback, *image.enter(*image.command)]
    with (work / "log").open("w+b") as log:
        server = subprocess.Popen(command, env=image.environment, stdout=log, stderr=log)
        try:
            yield server, find_child(server)
        except BaseException:
            print(*(work / "log").read_text(errors="replace").splitlines()[-20:], sep="\n")
            raise
        finally:
            server.kill()


def find_child(parent: subprocess.Popen[bytes]) -> int:
    """Return the process that another one has just started."""
    children = Path(f"/proc/{parent.pid}/task/{parent.pid}/children")
    while not (found := children.read_text()):
        if parent.poll() is not None:
            raise TrialError("The image's command did not start.")
        time.sleep(0.1)
    return int(found)


def attach(image: Image, first: int, *command: str) -> subprocess.CompletedProcess[str]:
    """Run a command in the container as the image's user."""
    namespaces = ["nsenter", f"--target={first}", "--mount", "--pid", "--net", "--ipc"]
    words = [*namespaces, *image.enter(*command)]
    return subprocess.run(words, env=image.environment, capture_output=True, text=True)


def wait_until_healthy(image: Image, server: subprocess.Popen[bytes], first: int) -> None:
    """Run the health check until it succeeds."""
    end = time.monotonic() + PATIENCE
    while (asked := attach(image, first, *image.health)).returncode:
        if server.poll() is not None:
            raise TrialError(f"The lab ended by itself, with status {server.returncode}.")
        if time.monotonic() > end:
            raise TrialError(f"Not healthy after {PATIENCE} s: {asked.stderr.strip()}")
        time.sleep(1)


async def visit(url: str) -> None:
    """Open a page as a visitor without a browser, and train its network."""
    from benchmarks.session import Session

    try:
        async with Session.open(url, "rounding", "fit.epochs=2") as session:
            await session.click("rounding.train")
            await session.sees("**Trained**", PATIENCE)
    except OSError as error:
        raise TrialError(f"Visiting {url}: {error}") from None


def check_rights(first: int) -> int:
    """Return how many processes the container has, if none of them has rights of root."""
    statuses = []
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(FileNotFoundError, ProcessLookupError):  # one that has just ended
            if os.readlink(folder / "ns/pid") == os.readlink(f"/proc/{first}/ns/pid"):
                statuses.append((folder / "status").read_text())
    for status in statuses:
        rights = dict(re.findall(r"^(\w+):\s*(.*)$", status, re.M))
        if "0" in rights["Uid"].split() or int(rights["CapBnd"], 16) or rights["NoNewPrivs"] != "1":
            raise TrialError(f"A process has rights of root: {rights['Name']}.")
    return len(statuses)


def check_writable(image: Image, first: int) -> list[str]:
    """Return the volumes and folders in memory, if the user can write to them and nowhere else."""
    allowed = [*image.volumes, *memory_folders(), "/dev/shm"]
    places = "( -path /proc -o -path /sys ) -prune -o ( -type d -o -type f ) -writable -print"
    found = attach(image, first, "find", "/", *places.split()).stdout.splitlines()
    others = [p for p in found if not any(Path(p).is_relative_to(place) for place in allowed)]
    if others or not {*allowed} <= {*found}:
        raise TrialError(f"Writable must be {allowed} and nothing else, not {others or found}.")
    return allowed


if __name__ == "__main__":
    try:
        main()
    except TrialError as error:
        sys.exit(str(error))
