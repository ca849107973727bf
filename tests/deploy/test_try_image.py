"""The script that tries the image reads the Dockerfile, and refuses what it cannot carry out."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from scripts.image_steps import Image, Step, TrialError, local_paths, pip_variables, read_steps
from scripts.try_image import memory_folders

ROOT = Path(__file__).parents[2]
needs_git = pytest.mark.skipif(
    not shutil.which("git") or not (ROOT / ".git").exists(), reason="Needs git and a checkout."
)


def read(*lines: str) -> list[Step]:
    return read_steps("\n".join(("FROM python:3.12-slim", *lines)) + "\n")[1:]


def test_every_instruction_of_the_labs_dockerfile_is_known() -> None:
    steps = read_steps((ROOT / "deploy" / "Dockerfile").read_text(encoding="utf-8"))
    assert steps[0].name == "FROM"
    assert steps[-1].read_command()[:4] == ["python", "-m", "streamlit", "run"]


def test_a_continued_line_is_one_instruction_also_around_a_comment() -> None:
    assert read("run a \\", "  # why", "  && b", "", "# end", "USER lab") == [
        Step("RUN", "a && b"),
        Step("USER", "lab"),
    ]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("ARG VERSION", "the instruction is not known"),
        ("FROM debian", "no other may be"),
        ("COPY --chown=lab ui ./ui", "this form"),
        ("COPY *.py ./", "this form"),
        ("RUN <<END", "this form"),
        ("RUN --mount=type=cache pip install x", "this form"),
        ("ENV PATH=/app:$PATH", "this form"),
        ("USER 10001:10001", "this form"),
        ('VOLUME ["/data"]', "this form"),
    ],
)
def test_what_cannot_be_carried_out_is_refused_with_its_name(line: str, reason: str) -> None:
    with pytest.raises(TrialError, match=reason) as error:
        read(line)
    assert line.split()[0] in str(error.value)


def test_a_file_that_does_not_begin_with_from_is_refused() -> None:
    with pytest.raises(TrialError, match="must be FROM"):
        read_steps("USER lab\n")


def test_instructions_set_what_the_images_processes_get(tmp_path: Path) -> None:
    image = Image(tmp_path)
    for step in read(
        'ENV A=1 B="two words"',
        "WORKDIR /app",
        "WORKDIR inner",
        "VOLUME /data /keys",
        'HEALTHCHECK --interval=30s CMD ["python", "health.py"]',
        'CMD ["python", "-m", "streamlit"]',
    ):
        image.carry_out(step)
    assert image.environment == image.environment | {"A": "1", "B": "two words"}
    assert image.workdir == "/app/inner"
    assert (tmp_path / "app" / "inner").is_dir()
    assert image.volumes == ["/data", "/keys"]
    assert image.health == ["python", "health.py"]
    assert image.command == ["python", "-m", "streamlit"]


@needs_git
@pytest.mark.parametrize(
    ("line", "copied"),
    [
        ("COPY deploy/health.py ./", "app/health.py"),
        ("COPY deploy/health.py /check.py", "check.py"),
        ("COPY deploy ./there", "app/there/kubernetes/lab.yaml"),
        ("COPY requirements.txt deploy/nginx ./", "app/lab.conf"),
    ],
)
def test_copies_lie_where_an_engine_puts_them(tmp_path: Path, line: str, copied: str) -> None:
    image = Image(tmp_path, workdir="/app")
    image.carry_out(*read(line))
    assert (tmp_path / copied).is_file()


@needs_git
def test_what_git_ignores_is_not_copied(tmp_path: Path) -> None:
    with pytest.raises(TrialError, match="git has no file"):
        Image(tmp_path).carry_out(Step("COPY", ".venv ./"))


def test_a_command_as_a_plain_line_and_a_variable_without_a_value_are_refused() -> None:
    with pytest.raises(TrialError, match="a list in JSON"):
        Step("CMD", "python -m streamlit").read_command()
    with pytest.raises(TrialError, match="NAME=value"):
        Step("ENV", "HOME /data").read_variables()


def test_a_command_runs_as_the_images_user_without_rights(tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    accounts = "root:x:0:0::/root:/bin/sh\nlab:x:10001:10002::/data:/bin/sh\n"
    (tmp_path / "etc" / "passwd").write_text(accounts, encoding="utf-8")
    words = Image(tmp_path, user="lab", workdir="/app").enter("python")
    assert {"--reuid=10001", "--regid=10002", "--no-new-privs", "--bounding-set=-all"} <= {*words}
    assert words[-2:] == ["--chdir=/app", "python"]
    with pytest.raises(TrialError, match="no user nobody"):
        Image(tmp_path, user="nobody").enter("python")


def test_pips_settings_become_variables_and_the_environments_own_win() -> None:
    listed = ":env:.find-links='/a'\nglobal.cert='/c.pem'\nglobal.find-links='/b'\n"
    assert pip_variables(listed) == {"PIP_CERT": "/c.pem", "PIP_FIND_LINKS": "/a"}
    assert pip_variables("") == {}


def test_local_files_that_settings_name_are_found(tmp_path: Path) -> None:
    (tmp_path / "index" / "simple").mkdir(parents=True)
    index = (tmp_path / "index" / "simple").as_uri()
    found = local_paths({"A": f"{index} https://example.org", "B": "/no/such/file", "C": "60"})
    assert found == [tmp_path / "index"]


def test_the_folder_in_memory_is_that_of_compose() -> None:
    assert memory_folders() == ["/tmp"]
