"""Keys for a cluster on several machines."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from nncore.runtime.cluster import open_cluster, worker_environment
from nncore.runtime.tls import KeyFiles, main, write_keys

ROOT = Path(__file__).resolve().parents[3]


def test_the_command_writes_keys_and_says_how_to_use_them(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main([str(tmp_path / "keys")])
    lines = capsys.readouterr().out.splitlines()
    found = dict(line.removeprefix("export ").split("=", 1) for line in lines)
    assert KeyFiles.from_environment(found) == KeyFiles.in_folder(tmp_path / "keys")
    for file in (tmp_path / "keys").iterdir():
        assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_keys_that_are_there_are_not_overwritten(tmp_path: Path) -> None:
    write_keys(tmp_path)
    with pytest.raises(SystemExit):
        main([str(tmp_path)])


def test_without_variables_there_are_no_keys() -> None:
    assert KeyFiles.from_environment({}) is None


def test_a_variable_that_is_missing_or_names_no_file_is_an_error(tmp_path: Path) -> None:
    keys = write_keys(tmp_path)
    with pytest.raises(ConnectionError, match="NNCORE_TLS_CERT must name a file"):
        KeyFiles.from_environment({"NNCORE_TLS_CA": str(keys.ca), "NNCORE_TLS_CERT": "nowhere"})


def test_the_lab_connects_to_a_scheduler_with_its_keys_and_not_with_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys, others = write_keys(tmp_path / "keys"), write_keys(tmp_path / "others")
    monkeypatch.setattr("nncore.runtime.cluster.CONNECT_LIMIT", 20.0)
    with scheduler(keys) as address:
        use(monkeypatch, keys)
        cluster = open_cluster(address)
        assert cluster.workers() == {}
        cluster.close()
        monkeypatch.setattr("nncore.runtime.cluster.CONNECT_LIMIT", 2.0)
        use(monkeypatch, others)
        with pytest.raises(ConnectionError, match=f"at {address} does not answer"):
            open_cluster(address)


def use(monkeypatch: pytest.MonkeyPatch, keys: KeyFiles) -> None:
    for name, path in (("CA", keys.ca), ("CERT", keys.cert), ("KEY", keys.key)):
        monkeypatch.setenv(f"NNCORE_TLS_{name}", str(path))


@contextmanager
def scheduler(keys: KeyFiles) -> Iterator[str]:
    """A scheduler that somebody has started from the command line, with keys."""
    command = [sys.executable, "-m", "dask", "scheduler", "--host", "tls://127.0.0.1"]
    flags = ["--port", "0", "--no-dashboard", "--tls-ca-file", str(keys.ca)]
    flags += ["--tls-cert", str(keys.cert), "--tls-key", str(keys.key)]
    process = subprocess.Popen(
        command + flags,
        env=os.environ | worker_environment(1),
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    try:
        line = next(line for line in process.stderr if "Scheduler at:" in line)
        drain = threading.Thread(target=process.stderr.read, daemon=True)
        drain.start()
        yield line.split()[-1]
    finally:
        process.kill()
        process.wait()
        drain.join(5)
        process.stderr.close()
