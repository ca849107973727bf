"""Faults of the network between machines: hosts are network namespaces, and links are cut."""

from __future__ import annotations

import shutil
from contextlib import ExitStack

from benchmarks import network
from benchmarks.fault_kinds import Fault, check_runs
from benchmarks.fault_stage import Host, wait_until
from nncore.runtime.tls import KeyFiles, write_keys


def cut_link(fault: Fault) -> None:
    """Cut a worker's host off in the middle of runs: they go on at the other one."""
    stage = fault.stage
    for settings in fault.all_settings():
        stage.reference(settings)
    folder = stage.folder / "hosts"
    temporary = folder / "tmp"  # a scheduler or worker that is killed leaves its files there
    temporary.mkdir(parents=True)
    keys = write_keys(folder / "keys")
    with ExitStack() as stack:
        hosts = [stack.enter_context(network.host(number)) for number in (1, 2)]
        variables = stage.environment()
        host_variables = variables | {"TMPDIR": str(temporary)}
        port = stack.enter_context(network.scheduler(keys, folder, host_variables))
        for one in hosts:
            address = f"tls://{one.gateway}:{port}"
            stack.enter_context(network.worker(keys, address, folder, one, host_variables))
        lab = Host(variables | variables_of(keys, port), stage.folder / "log")
        stack.callback(lab.close)
        wait_until(lambda: lab.status()["slots"] == 4, "a worker did not come")
        lab.wait_until_ready()
        runs = fault.train(lab, 4)
        fault.wait_for_moment(lab, runs)
        hosts[fault.random.randrange(2)].cut()
        check_runs(fault, lab, runs)
        lab.wait_until_ready()
    shutil.rmtree(folder)
    stage.check_clean()


def variables_of(keys: KeyFiles, port: int) -> dict[str, str]:
    """Return the variables that let a lab use a scheduler."""
    return {
        "NNCORE_SCHEDULER": f"tls://127.0.0.1:{port}",
        "NNCORE_TLS_CA": str(keys.ca),
        "NNCORE_TLS_CERT": str(keys.cert),
        "NNCORE_TLS_KEY": str(keys.key),
    }
