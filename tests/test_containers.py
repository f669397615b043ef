"""Dockerfile and compose file, parsed and held to what they promise, where no builder is."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[1]
SECRET = re.compile(r"password|secret|token|key", re.IGNORECASE)
DIGEST = re.compile(r"@\$\{\w*DIGEST\b|@sha256:[0-9a-f]{64}$")


def instructions() -> list[tuple[str, str]]:
    text = re.sub(r"^#.*\n", "", (ROOT / "Dockerfile").read_text("utf-8"), flags=re.MULTILINE)
    lines = text.replace("\\\n", " ").splitlines()
    return [
        (word, rest) for word, _, rest in (line.partition(" ") for line in lines if line.strip())
    ]


def compose() -> dict:
    return yaml.safe_load((ROOT / "compose.yaml").read_text("utf-8"))


def test_the_image_is_built_in_stages_from_a_pinned_base_without_root_and_without_secrets():
    known = {"ARG", "FROM", "WORKDIR", "COPY", "RUN", "ENV", "USER", "VOLUME", "ENTRYPOINT", "CMD"}
    asked = instructions()
    assert {word for word, _ in asked} <= known
    bases = [rest.split()[0] for word, rest in asked if word == "FROM"]
    assert len(bases) == 2
    assert all(DIGEST.search(base) for base in bases)
    users = [rest for word, rest in asked if word == "USER"]
    assert users[-1].isdigit()
    assert int(users[-1]) > 0
    named = [rest for word, rest in asked if word in ("ENV", "ARG")]
    assert not [n for n in named if SECRET.search(re.sub(r"sha256:\S+", "", n))]
    installs = [rest for word, rest in asked if word == "RUN" and "$LOCK" in rest]
    assert len(installs) == 1
    assert "--require-hashes" in installs[0]
    assert ("ARG", "LOCK=requirements.lock") in asked
    (tools,) = (rest for word, rest in asked if word == "RUN" and "apt-get install" in rest)
    assert {"openssh-client", "openssl"} <= set(tools.split()), "what `funnel sign` calls"
    for word, rest in asked:
        if word == "COPY" and "--from" not in rest:
            *sources, _ = [part for part in rest.split() if not part.startswith("--")]
            assert all((ROOT / source).exists() for source in sources), rest
    ignored = (ROOT / ".dockerignore").read_text("utf-8").split()
    assert {"secrets", ".funnel", "runs", "restricted"} <= set(ignored)


def test_every_service_starts_what_exists_and_shows_itself_to_this_machine_alone():
    told = compose()
    services = told["services"]
    assert {"server", "postgres", "worker", "scheduler", "dask"} <= set(services)
    for name, service in services.items():
        assert "build" in service or DIGEST.search(service["image"].replace(":?pin", "")), name
        for port in service.get("ports", ()):
            assert str(port).startswith("127.0.0.1:"), name
        assert set(service.get("depends_on", ())) <= set(services)
        for volume in service.get("volumes", ()):
            assert volume.split(":")[0] in told["volumes"], name
        assert set(service.get("secrets", ())) <= set(told["secrets"])
        for key, value in service.get("environment", {}).items():
            assert not SECRET.search(key) or value.startswith("/run/secrets/"), key
        if "build" in service:
            assert service["read_only"]
            assert service["cap_drop"] == ["ALL"]
            if "entrypoint" not in service:
                assert importlib.util.find_spec(service["command"][0]), name
    assert all(set(secret) == {"file"} for secret in told["secrets"].values())


def test_worker_and_deployments_name_the_same_pool():
    pools = {
        d["work_pool"]["name"]
        for d in yaml.safe_load((ROOT / "prefect.yaml").read_text("utf-8"))["deployments"]
    }
    command = compose()["services"]["worker"]["command"]
    assert pools == {command[command.index("--pool") + 1]}
    assert "--type" in command, "without it a worker ends where the server is not up yet"
