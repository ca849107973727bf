"""The files of deploy/ fit the code: steps, ports, paths, and variables that somebody reads."""

from __future__ import annotations

import asyncio
import configparser
import fnmatch
import os
import re
import shlex
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dask
import distributed  # noqa: F401 - registers its own settings with dask
import pytest
import uvicorn
import yaml  # type: ignore[import-untyped]
from packaging.specifiers import SpecifierSet
from starlette.responses import Response
from streamlit import config
from streamlit.web.server.starlette import starlette_routes, starlette_server
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from nncore.runtime import node
from nncore.runtime.tls import KeyFiles

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
SERVE = ["python", "-m", "streamlit", "run", "streamlit_app.py"]
HEALTH = "/_stcore/health"
METRICS = "/_stcore/metrics"
#: Variables that are not the lab's: of a shell, of Python, and of other programs' images.
FOREIGN = ("HOME", "PYTHON", "PIP_", "POSTGRES_", "LAB_HOST")
#: The proxies that uvicorn, Streamlit's server, believes when they name a visitor's address.
PROXIES = "FORWARDED_ALLOW_IPS"
TEXTS = sorted(path for path in DEPLOY.rglob("*") if path.is_file())


def read(name: str) -> str:
    return (DEPLOY / name).read_text(encoding="utf-8")


def compose() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(read("compose.yaml"))
    return loaded


def manifests(kind: str) -> dict[str, Any]:
    """Return the Kubernetes objects of a kind by name."""
    found = yaml.safe_load_all(read("kubernetes/lab.yaml"))
    return {one["metadata"]["name"]: one for one in found if one["kind"] == kind}


def containers() -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """Yield each pod with its one container."""
    for deployment in manifests("Deployment").values():
        pod = deployment["spec"]["template"]["spec"]
        (container,) = pod["containers"]
        yield pod, container


def steps() -> list[tuple[str, str]]:
    """Return the Dockerfile's instructions, each with its arguments on one line."""
    text = re.sub(r"^#.*\n", "", read("Dockerfile"), flags=re.M).replace("\\\n", " ")
    pairs = (line.split(None, 1) for line in text.splitlines() if line.strip())
    return [(name, " ".join(rest.split())) for name, rest in pairs]


def arguments(name: str) -> list[str]:
    return [rest for step, rest in steps() if step == name]


def image_variables() -> dict[str, str]:
    words = (word for line in arguments("ENV") for word in shlex.split(line))
    return {name: value for name, _, value in (word.partition("=") for word in words)}


# Variables


def variables() -> dict[str, list[str]]:
    """Return the names of all environment variables that a file of deploy/ sets, by file."""
    lab = compose()
    found = {
        "Dockerfile": [*image_variables()],
        "compose.yaml": [n for s in lab["services"].values() for n in s.get("environment", {})],
        "lab.yaml": [v["name"] for _, one in containers() for v in one.get("env", [])],
        "lab.service": [line.partition("=")[0] for line in service()["environment"].split("\n")],
    }
    assert all(found.values())
    return found


def service() -> dict[str, str]:
    """Return the section [Service] of the systemd unit; a name that is repeated has lines."""
    text = re.sub(r"^#.*\n", "", read("systemd/lab.service"), flags=re.M)
    environment = re.findall(r"^Environment=(.*)$", text, re.M)
    parser = configparser.ConfigParser(strict=False, interpolation=None)
    parser.read_string(text)
    return {**parser["Service"], "environment": "\n".join(environment)}


def read_variables() -> set[str]:
    """Return the names that the lab's code reads from its environment."""
    files = [file for room in ("nncore", "ui") for file in (ROOT / room).rglob("*.py")]
    return set(re.findall(r'"(NNCORE_[A-Z_]+)"', "".join(f.read_text("utf-8") for f in files)))


def is_read(name: str) -> bool:
    """Return True for a variable that the lab, Streamlit or another program reads."""
    if name.startswith("STREAMLIT_"):
        return name in {option.env_var for option in config._config_options_template.values()}
    return name in {*read_variables(), PROXIES} or name.startswith(FOREIGN)


@pytest.mark.parametrize("file", ["Dockerfile", "compose.yaml", "lab.yaml", "lab.service"])
def test_every_variable_that_is_set_is_one_that_somebody_reads(file: str) -> None:
    assert not [name for name in variables()[file] if not is_read(name)]


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.name)
def test_every_variable_that_is_named_is_one_that_somebody_reads(path: Path) -> None:
    named = re.findall(r"\b(?:NNCORE|STREAMLIT)_[A-Z_]+\b", path.read_text(encoding="utf-8"))
    assert not [name for name in named if not is_read(name)]


def test_the_documentation_names_every_variable_that_the_lab_reads() -> None:
    text = (ROOT / "docs" / "deploy" / "index.md").read_text(encoding="utf-8")
    assert not [name for name in read_variables() if f"`{name}" not in text]


def test_a_misspelt_variable_is_noticed() -> None:
    assert not is_read("NNCORE_SHEDULER")
    assert not is_read("STREAMLIT_SERVER_ALLOWED_HOST")
    assert is_read("STREAMLIT_SERVER_ALLOWED_HOSTS")


def test_dask_has_the_settings_that_a_node_sets() -> None:
    keys = KeyFiles.in_folder(Path("keys"))
    names = [n for n in node.scheduler_command(keys).environment if n.startswith("DASK_DIST")]
    assert names
    for name in names:
        path = name.removeprefix("DASK_").replace("__", ".").lower()
        assert dask.config.get(path, default=dask) is not dask, name


# The image


def test_the_image_copies_files_that_are_there_and_that_its_context_has() -> None:
    lines = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    allowed = [line[1:] for line in lines if line.startswith("!")]
    sources = [source for line in arguments("COPY") for source in line.split()[:-1]]
    assert {"requirements.txt", "nncore", "ui", "pages", "lessons", ".streamlit"} <= {*sources}
    assert not [source for source in sources if not (ROOT / source).exists()]
    assert sorted(sources) == sorted(allowed)
    assert fnmatch.fnmatch("notes.txt", lines[1])  # all else stays outside


def test_the_image_installs_what_the_lab_needs_as_it_is_pinned() -> None:
    (install,) = [line for line in arguments("RUN") if line.startswith("pip install")]
    assert "-r requirements.txt" in install
    psycopg = next(word for word in shlex.split(install) if word.startswith("psycopg"))
    assert psycopg in (ROOT / "requirements-dev.txt").read_text(encoding="utf-8")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    version = arguments("FROM")[0].removeprefix("python:").removesuffix("-slim")
    assert SpecifierSet(project["requires-python"]).contains(f"{version}.0")


def test_the_image_serves_as_a_user_without_rights_and_writes_to_one_volume() -> None:
    assert [name for name, _ in steps()].index("USER") > [name for name, _ in steps()].index("RUN")
    assert arguments("USER") == ["lab"]
    assert arguments("VOLUME") == ["/data"]
    assert image_variables()["NNCORE_CACHE_DIR"].startswith("/data/")
    assert arguments("EXPOSE") == [image_variables()["STREAMLIT_SERVER_PORT"]]
    assert yaml.safe_load(arguments("CMD")[0]) == SERVE
    assert service()["execstart"].split()[1:] == SERVE[1:]


# Compose, Kubernetes, systemd, proxies


def test_compose_runs_two_workers_over_tls_without_rights() -> None:
    services = compose()["services"]
    assert services["worker"]["deploy"]["replicas"] == 2
    for name in ("scheduler", "worker", "lab", "keys"):
        assert services[name]["read_only"] is True
        assert services[name]["cap_drop"] == ["ALL"]
    for name in ("scheduler", "worker"):
        assert services[name]["command"] == ["python", "-m", "nncore.runtime.node", name]
        assert "web" not in services[name]["networks"]
    assert services["lab"]["environment"]["NNCORE_SCHEDULER"] == f"tls://scheduler:{node.PORT}"
    assert compose()["networks"]["training"] == {"internal": True}


def test_compose_starts_the_database_that_the_documentation_says_was_tested() -> None:
    text = (ROOT / "docs" / "deploy" / "index.md").read_text(encoding="utf-8")
    (version,) = re.findall(r"PostgreSQL for that \(tested with version (\d+)\)", text)
    assert compose()["services"]["database"]["image"] == f"postgres:{version}"


def test_compose_names_services_volumes_networks_and_keys_that_exist() -> None:
    loaded = compose()
    for one in loaded["services"].values():
        assert {*one.get("depends_on", [])} <= {*loaded["services"]}
        assert {*one.get("networks", [])} <= {*loaded["networks"]}
        named = {volume.split(":")[0] for volume in one.get("volumes", [])}
        local = {name for name in named if name.startswith("./")}
        assert all((DEPLOY / name).exists() for name in local)
        assert named - local <= {*loaded["volumes"]}
    keys = KeyFiles.in_folder(Path("/data/keys"))
    lab = loaded["services"]["lab"]["environment"]
    written = (str(keys.ca), str(keys.cert), str(keys.key))
    assert tuple(lab[f"NNCORE_TLS_{name}"] for name in ("CA", "CERT", "KEY")) == written


def name_visitor(monkeypatch: pytest.MonkeyPatch, proxies: str | None) -> str:
    """Return who the visitor is for Streamlit's server when another host's proxy names one."""
    if proxies is None:
        monkeypatch.delenv(PROXIES, raising=False)
    else:
        monkeypatch.setenv(PROXIES, proxies)
    seen: list[str] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        seen.append(scope["client"][0])

    options = starlette_server._get_uvicorn_config_kwargs() | {"log_config": None}
    trusted = uvicorn.Config(app, **options).forwarded_allow_ips
    headers = [(b"x-forwarded-for", b"203.0.113.7")]
    scope: Any = {"type": "websocket", "client": ("172.18.0.5", 40000), "headers": headers}
    nothing: Any = None
    asyncio.run(ProxyHeadersMiddleware(app, trusted)(scope, nothing, nothing))
    return seen[0]


def test_manifests_let_a_proxy_on_another_host_name_the_visitor(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (container,) = [one for _, one in containers() if one["name"] == "lab"]
    values = {variable["name"]: variable.get("value") for variable in container["env"]}
    set_by = {
        "compose.yaml": compose()["services"]["lab"]["environment"][PROXIES],
        "lab.yaml": values[PROXIES],
    }
    assert name_visitor(monkeypatch, None) == "172.18.0.5"  # all visitors would count as one
    for proxies in set_by.values():
        assert name_visitor(monkeypatch, proxies) == "203.0.113.7"
    # "*" believes anybody who reaches the port, so no port of the lab may be published.
    assert "ports" not in compose()["services"]["lab"]
    assert "type" not in manifests("Service")["lab"]["spec"]  # within the cluster only


def test_kubernetes_probes_the_labs_health_and_keeps_visitors_at_their_server() -> None:
    lab = manifests("Deployment")["lab"]["spec"]
    (container,) = lab["template"]["spec"]["containers"]
    for probe in ("startupProbe", "readinessProbe", "livenessProbe"):
        assert container[probe]["httpGet"] == {"path": HEALTH, "port": "http"}
    port = container["ports"][0]
    assert port == {
        "name": "http",
        "containerPort": int(image_variables()["STREAMLIT_SERVER_PORT"]),
    }
    assert lab["replicas"] == 2
    ingress = manifests("Ingress")["lab"]["metadata"]["annotations"]
    assert ingress["nginx.ingress.kubernetes.io/affinity"] == "cookie"
    secrets = [v["name"] for v in container["env"] if "valueFrom" in v]
    assert "STREAMLIT_SERVER_COOKIE_SECRET" in secrets


def test_kubernetes_pods_have_limits_and_no_rights_and_mount_what_exists() -> None:
    for pod, container in containers():
        assert pod["securityContext"]["runAsUser"] == 10001
        assert "--uid 10001" in " ".join(arguments("RUN"))
        assert container["securityContext"]["readOnlyRootFilesystem"] is True
        assert container["resources"]["limits"]["memory"]
        mounted = {mount["name"] for mount in container["volumeMounts"]}
        assert mounted == {volume["name"] for volume in pod["volumes"]}
    services, deployments = manifests("Service"), manifests("Deployment")
    selected = {name: one["spec"]["selector"]["app"] for name, one in services.items()}
    assert selected.pop("closed") not in deployments
    assert {*selected.values()} <= {*deployments}
    assert services["scheduler"]["spec"]["ports"][0]["port"] == node.PORT


def test_the_unit_keeps_its_files_where_it_may_write() -> None:
    unit = service()
    assert unit["protectsystem"] == "strict"
    folder = f"/var/lib/{unit['statedirectory']}"
    assert f"NNCORE_CACHE_DIR={folder}/cache" in unit["environment"]
    assert f"HOME={folder}" in unit["environment"]


@pytest.mark.parametrize(
    "file", ["nginx/lab.conf", "nginx/two-labs.conf", "Caddyfile", "kubernetes/lab.yaml"]
)
def test_proxies_let_uploads_through_and_keep_the_labs_figures(file: str) -> None:
    text = read(file)
    (size,) = re.findall(r"(?:client_max_body_size|max_size|proxy-body-size:) (\d+)", text)
    assert int(size) > config.get_option("server.maxUploadSize")
    assert METRICS in text


def test_kubernetes_sends_the_labs_figures_to_a_service_without_pods() -> None:
    (rule,) = manifests("Ingress")["lab"]["spec"]["rules"]
    paths = {one["path"]: one for one in rule["http"]["paths"]}
    assert paths[METRICS]["pathType"] == "Prefix"
    services = {path: one["backend"]["service"]["name"] for path, one in paths.items()}
    assert services == {METRICS: "closed", "/": "lab"}
    label = manifests("Service")["closed"]["spec"]["selector"]["app"]
    pods = manifests("Deployment").values()
    assert label not in [one["spec"]["template"]["metadata"]["labels"]["app"] for one in pods]


@pytest.mark.parametrize("same_site", ["Lax", "None"])
def test_caddy_marks_streamlits_cookie_for_a_frame_on_another_site(same_site: str) -> None:
    response = Response()
    starlette_routes._set_unquoted_cookie(
        response, "_streamlit_xsrf", "2|a|b|1", same_site=same_site, secure=same_site == "None"
    )
    ((search, replacement),) = re.findall(
        r'header_down Set-Cookie "(.+)" "(.+)"', read("Caddyfile")
    )
    marked = re.sub(search, replacement, response.headers["set-cookie"]).split("; ")
    wanted = ["_streamlit_xsrf=2|a|b|1", "Path=/", "SameSite=None", "Secure", "Partitioned"]
    assert [*dict.fromkeys(marked)] == wanted


def test_a_scheduler_finds_nncore_as_workers_do() -> None:
    path = node.scheduler_command(KeyFiles.in_folder(Path("keys"))).environment["PYTHONPATH"]
    assert str(ROOT) in path.split(os.pathsep)
