"""The instructions of deploy/Dockerfile, read and carried out in a folder without an engine."""

from __future__ import annotations

import ast
import json
import os
import platform
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple, NoReturn

ROOT = Path(__file__).resolve().parents[1]
KNOWN = frozenset("FROM ENV WORKDIR COPY RUN USER VOLUME EXPOSE HEALTHCHECK CMD".split())
#: The forms of arguments that this file does not read: options, variables, here-documents, ...
UNREAD = {
    "RUN": r"--|\[|.*<<",
    "COPY": r"--|\[|.*[$*?]",
    "ENV": r".*\$",
    "WORKDIR": r".*\$",
    "USER": r".*[:$]|\d",
    "VOLUME": r"\[|.*\$",
}
#: What the base image has beside Python.
PACKAGES = "python3,python3-venv,ca-certificates,netbase,tzdata"
#: What downloads need of this machine's environment: proxies and certificates.
PASSED_ON = re.compile(r"(https?|no)_proxy|SSL_CERT_(FILE|DIR)", re.IGNORECASE)
PATH = "/usr/local/bin:/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin"


class TrialError(Exception):
    """A sentence that says what is wrong with the image, or with this machine for the trial."""


class Step(NamedTuple):
    """An instruction of a Dockerfile, with its arguments on one line."""

    name: str
    rest: str

    def refuse(self, reason: str) -> NoReturn:
        """Raise an error that names the instruction."""
        raise TrialError(f"{self.name} {self.rest[:60]!r} cannot be carried out here: {reason}.")

    def read_command(self) -> list[str]:
        """Return the words of a command such as `["python", "health.py"]`, after any options."""
        try:
            words: list[str] = json.loads(self.rest[self.rest.find("[") :])
        except ValueError:
            self.refuse("the command must be a list in JSON")
        return words

    def read_variables(self) -> dict[str, str]:
        """Return the variables that ENV sets."""
        pairs = [word.partition("=") for word in shlex.split(self.rest)]
        if not all(sign for _, sign, _ in pairs):
            self.refuse("the form must be NAME=value")
        return {name: value for name, _, value in pairs}


def read_steps(text: str) -> list[Step]:
    """Return the instructions of a Dockerfile.

    Raises:
        TrialError: If one of them, or its form, is not known here.
    """
    lines = re.sub(r"^\s*(#.*)?\n", "", text, flags=re.M).replace("\\\n", " ").splitlines()
    pairs = (line.strip().partition(" ") for line in lines)
    steps = [Step(name.upper(), " ".join(rest.split())) for name, _, rest in pairs]
    for place, step in enumerate(steps):
        if step.name not in KNOWN:
            step.refuse("the instruction is not known")
        if (step.name == "FROM") != (place == 0):
            step.refuse("the first instruction must be FROM, and no other may be")
        if re.match(UNREAD.get(step.name, "$."), step.rest):
            step.refuse("this form of the instruction is not known")
    return steps


@dataclass
class Image:
    """A root folder, and what the instructions so far have set for its processes.

    Args:
        root: The folder, with a Debian in it.
        downloads: Variables for RUN alone, such as those that tell pip where to download from.
    """

    root: Path
    downloads: Mapping[str, str] = field(default_factory=dict)
    environment: dict[str, str] = field(default_factory=lambda: {"PATH": PATH})
    workdir: str = "/"
    user: str = "root"
    volumes: list[str] = field(default_factory=list)
    command: list[str] = field(default_factory=list)
    health: list[str] = field(default_factory=list)

    def place(self, path: str) -> Path:
        """Return where a path of the image, perhaps relative to WORKDIR, is on this machine."""
        return self.root / os.path.normpath(os.path.join(self.workdir, path)).lstrip("/")

    def enter(self, *command: str) -> list[str]:
        """Return a command in the root as the image's user, who has and gets no capabilities.

        Raises:
            TrialError: If the root has no such user.
        """
        accounts = (self.root / "etc/passwd").read_text(encoding="utf-8").splitlines()
        fields = [line.split(":") for line in accounts if line.startswith(f"{self.user}:")]
        if not fields:
            raise TrialError(f"The image has no user {self.user}.")
        account = [f"--reuid={fields[0][2]}", f"--regid={fields[0][3]}", "--init-groups"]
        rights = [] if self.user == "root" else ["--no-new-privs", "--bounding-set=-all"]
        become = ["setpriv", *account, *rights, "env", f"--chdir={self.workdir}"]
        return ["chroot", str(self.root), *become, *command]

    def carry_out(self, step: Step) -> None:
        """Carry out an instruction.

        Raises:
            TrialError: If that fails.
        """
        match step.name:
            case "ENV":
                self.environment |= step.read_variables()
            case "WORKDIR":
                self.workdir = os.path.join(self.workdir, step.rest)
                self.place(".").mkdir(parents=True, exist_ok=True)
            case "COPY":
                *sources, target = shlex.split(step.rest)
                for source in sources:
                    self._copy(step, source, target)
            case "RUN":
                run(*self.enter("sh", "-c", step.rest), env={**self.downloads, **self.environment})
            case "USER":
                self.user = step.rest
            case "VOLUME":
                self.volumes += step.rest.split()
            case "HEALTHCHECK":
                self.health = step.read_command()
            case "CMD":
                self.command = step.read_command()

    def _copy(self, step: Step, source: str, target: str) -> None:
        """Copy a file into a folder or to a name, or what is in a folder into another."""
        options = ("-z", "--cached", "--others", "--exclude-standard", "--deduplicate")
        listed = run("git", "-C", ROOT, "ls-files", *options, "--", source).split("\0")[:-1]
        files = [file for file in listed if (ROOT / file).exists()]
        if not files:
            step.refuse(f"git has no file {source} or ignores it")
        for file in files:
            alone = Path(file).name if target.endswith("/") else ""
            inner = os.path.relpath(file, source) if (ROOT / source).is_dir() else alone
            to = self.place(target) / inner
            to.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / file, to)


def make_base(base: Path) -> None:
    """Install this machine's release of Debian, from where apt has it, with Python.

    Raises:
        TrialError: If apt knows no source of this release.
    """
    release = platform.freedesktop_os_release()["VERSION_CODENAME"]
    sources = run("apt-get", "indextargets", "--format", "$(REPO_URI)", f"Codename: {release}")
    if not sources:
        raise TrialError(f"apt knows no source of {release}: run `apt-get update`.")
    part = base.with_name(f"{base.name}.part")
    include = f"--include={PACKAGES}"
    run("debootstrap", "--variant=minbase", include, release, part, sources.split()[0])
    part.rename(base)


# Downloading


def find_downloads() -> tuple[dict[str, str], list[Path]]:
    """Return the variables with which RUN downloads as this machine does, and their files."""
    found = pip_variables(run(sys.executable, "-m", "pip", "config", "list"))
    found |= {n: value for n, value in os.environ.items() if PASSED_ON.fullmatch(n)}
    return found, local_paths(found)


def pip_variables(listed: str) -> dict[str, str]:
    """Return what `pip config list` prints as variables; the environment's overrule files."""
    pairs = (line.split("=", 1) for line in sorted(listed.splitlines(), reverse=True))
    return {
        "PIP_" + name.rpartition(".")[2].upper().replace("-", "_"): str(ast.literal_eval(value))
        for name, value in pairs
    }


def local_paths(variables: Mapping[str, str]) -> list[Path]:
    """Return the files and folders that variables name; of an index the folder around it."""
    words = [word for value in variables.values() for word in value.split()]
    indexes = [Path(w.removeprefix("file://")).parent for w in words if w.startswith("file:///")]
    paths = {*indexes, *(Path(word) for word in words if word.startswith("/"))}
    return sorted(path for path in paths if path.exists() and path != Path("/"))


def run(*command: str | Path, env: Mapping[str, str] | None = None) -> str:
    """Run a command, and return what it prints.

    Raises:
        TrialError: If it fails; its last lines are printed then.
    """
    done = subprocess.run(
        command, env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True
    )
    if done.returncode:
        print(*(done.stdout + done.stderr).splitlines()[-20:], sep="\n")
        end = " ".join(map(str, command))[-120:]
        raise TrialError(f"A command failed with {done.returncode}: {end}")
    return done.stdout
