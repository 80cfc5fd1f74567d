"""Binder: what it installs is what the lock holds, and repo2docker understands the folder."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

ROOT = Path(__file__).resolve().parents[1]
BINDER = ROOT / "binder"
PYTHON = "3.12"
MACHINE = {"sys_platform": "linux", "platform_system": "Linux", "os_name": "posix", "implementation_name": "cpython",
           "platform_python_implementation": "CPython", "platform_machine": "x86_64", "python_version": PYTHON,
           "python_full_version": f"{PYTHON}.0"}  # fmt: skip


def pins() -> dict[str, str]:
    """Return what a Binder server installs: the requirements whose markers hold there."""
    lines = (BINDER / "requirements.txt").read_text(encoding="utf-8").splitlines()
    asked = [Requirement(line) for line in lines]
    held = [r for r in asked if r.marker is None or r.marker.evaluate(MACHINE)]
    assert len({r.name for r in held}) == len(held)
    return {r.name: str(r.specifier) for r in held}


def locked() -> Iterator[tuple[str, str]]:
    """Walk the lock from the package with the extras that the tutorials need: name and version of each package."""
    packages: dict[str, list[dict]] = {}
    for package in tomllib.loads((ROOT / "uv.lock").read_text(encoding="utf-8"))["package"]:
        packages.setdefault(package["name"], []).append(package)
    waiting, done = [("payseg-widgets", ("lab", "forecasters"))], set()
    while waiting:
        name, extras = waiting.pop()
        [package] = [p for p in packages[name] if _is_for_binder(p)]
        needs = list(package.get("dependencies", []))
        needs += [need for extra in extras for need in package["optional-dependencies"].get(extra, [])]
        if (name, extras) not in done and name != "payseg-widgets":
            yield name, package["version"]
        done.add((name, extras))
        for need in needs:
            step = (need["name"], tuple(need.get("extra", ())))
            if step not in done and _holds(need.get("marker")):
                waiting.append(step)


def _holds(marker: str | None) -> bool:
    return marker is None or Requirement(f"x; {marker}").marker.evaluate(MACHINE)


def _is_for_binder(package: dict) -> bool:
    return any(map(_holds, package.get("resolution-markers", [None])))


def test_the_requirements_are_those_of_the_lock():
    assert pins() == {name: f"=={version}" for name, version in locked()}


def test_the_requirements_are_versions_of_an_index_alone():
    for line in (BINDER / "requirements.txt").read_text(encoding="utf-8").splitlines():
        assert re.fullmatch(r"[a-z0-9][a-z0-9.-]*==[\w.!+]+( ; .+)?", line), line


def test_binder_s_python_is_one_the_project_takes():
    runtime = (BINDER / "runtime.txt").read_text(encoding="utf-8")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert runtime == f"python-{PYTHON}\n"
    assert Version(PYTHON) in Requirement(f"x{project['requires-python']}").specifier


def test_the_start_ends_in_the_command_it_is_given():
    assert (BINDER / "start").read_text(encoding="utf-8").splitlines()[-1] == 'exec "$@"'
    for script in ("start", "postBuild"):
        subprocess.run(["bash", "-n", BINDER / script], check=True, timeout=60)


@pytest.mark.skipif(sys.platform == "win32", reason="repo2docker does not run on Windows")
def test_repo2docker_takes_the_folder():
    command = [sys.executable, "-m", "repo2docker", "--no-build", "--debug", "."]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    said = done.stdout + done.stderr
    assert done.returncode == 0, said[-3000:]
    assert "RUN ./binder/postBuild" in said
    assert 'R2D_ENTRYPOINT="${REPO_DIR}/binder/start"' in said
    before, copied, _ = said.partition("src/ ${REPO_DIR}/\n")
    assert copied
    assert (
        "binder/requirements.txt" in before
    )  # installed before the sources are copied: a layer that is kept
    assert f"for python={PYTHON}" in said
