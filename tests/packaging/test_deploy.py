"""What deploy/ holds is valid by what others published, and says the same as the project.

The Dockerfile is held to hadolint, the compose file to the Compose Specification, the manifests to the Kubernetes API.
No package carries KServe's own definitions: of its InferenceService, the names that others refer to are held together.
"""

import argparse
import re
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml
from compose_spec import PyCompose

from glassbox.cli import serve
from glassbox.engine import isolation
from glassbox.paths import ROOT

DEPLOY = ROOT / "deploy"
DOCKERFILE = (DEPLOY / "Dockerfile").read_text(encoding="utf-8")
COMPOSE: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))
MANIFESTS: list[dict[str, Any]] = [
    manifest
    for file in sorted((DEPLOY / "kubernetes").glob("*.yaml"))
    for manifest in yaml.safe_load_all(file.read_text(encoding="utf-8"))
]
NOT_PUBLISHED = ("Kustomization", "InferenceService")
KUBERNETES = ("1.31", "1.37")
"""The oldest and the newest version that the manifests are held to."""


def one(kind: str, name: str) -> dict[str, Any]:
    (found,) = [entry for entry in MANIFESTS if entry["kind"] == kind and entry["metadata"]["name"] == name]
    return found


def pod(kind: str, name: str) -> dict[str, Any]:
    template: dict[str, Any] = one(kind, name)["spec"]["template"]
    return template


def test_hadolint_finds_nothing_in_the_dockerfile(tmp_path: Path) -> None:
    hadolint = Path(sysconfig.get_path("scripts"), "hadolint")
    checked = subprocess.run([hadolint, DEPLOY / "Dockerfile"], capture_output=True, text=True)
    assert checked.returncode == 0, checked.stdout + checked.stderr
    (tmp_path / "Dockerfile").write_text(DOCKERFILE.replace(":3.13.9-slim-trixie", ""), encoding="utf-8")
    assert subprocess.run([hadolint, tmp_path / "Dockerfile"], capture_output=True).returncode != 0


def test_the_image_is_pinned_small_watched_and_without_rights() -> None:
    assert set(re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE)) == {"python:3.13.9-slim-trixie"}
    assert "--requirement requirements.txt" in DOCKERFILE and "constraints.txt" in DOCKERFILE
    last = DOCKERFILE.rpartition("FROM ")[2]
    assert re.search(r"^USER 10001:10001$", last, re.MULTILINE)
    assert "/_stcore/health" in last[last.index("HEALTHCHECK") :]


def test_the_image_holds_all_that_the_pages_need_and_no_tests(tmp_path: Path) -> None:
    """The build's context, copied as deploy/Dockerfile.dockerignore says: the page that reads files from everywhere."""
    lines = (DEPLOY / "Dockerfile.dockerignore").read_text(encoding="utf-8").splitlines()
    assert lines[1] == "*"  # nothing but what is named
    for name in (line[1:].rstrip("/") for line in lines if line.startswith("!")):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, tmp_path / name)
    assert not {"tests", "benchmarks", ".git"} & {path.name for path in tmp_path.iterdir()}
    code = (
        "from streamlit.testing.v1 import AppTest; app = AppTest.from_file('dashboard.py', default_timeout=100).run();"
        "app.switch_page('pages/faq.py').run(); print(len(app.exception), app.title[0].value);"
        "from glassbox.cli import installation; installation._requirements()"  # what `glassbox doctor` begins with
    )
    ran = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True)
    assert ran.returncode == 0 and ran.stdout.startswith("0 "), ran.stdout + ran.stderr


def test_the_compose_file_is_one() -> None:
    assert PyCompose.from_yaml(yaml.safe_dump(COMPOSE)).service_names() == sorted(COMPOSE["services"])
    wrong = {**COMPOSE, "services": {"dashboard": {**COMPOSE["services"]["dashboard"], "read_onl": True}}}
    with pytest.raises(ValueError, match="read_onl"):
        PyCompose.from_yaml(yaml.safe_dump(wrong))


@pytest.mark.parametrize("service", COMPOSE["services"])
def test_no_container_may_more_than_it_needs(service: str) -> None:
    container = COMPOSE["services"][service]
    assert container["read_only"] and container["cap_drop"] == ["ALL"] and container["mem_limit"]
    assert container["security_opt"] == ["no-new-privileges:true"]
    assert set(container.get("cap_add", ())) <= {"NET_BIND_SERVICE"}
    assert container["networks"] != ["inside", "outside"]
    assert ("ports" in container) == (service == "proxy"), "strangers come through the proxy"
    image = container["image"]
    assert image == "glassbox" or re.search(r":\d+\.\d+\.\d+", image), f"{image} is not pinned"


def test_the_containers_find_each_other() -> None:
    services = COMPOSE["services"]
    assert services["proxy"]["environment"]["DASHBOARD"] == "dashboard:8501"
    assert "--server.port=8501" in DOCKERFILE
    port = next(part for part in services["service"]["command"] if part.startswith("--port=")).removeprefix("--port=")
    assert services["dashboard"]["environment"]["GLASSBOX_ENGINE"] == f"http://service:{port}"
    assert f":{port}/v2/health/ready" in services["service"]["healthcheck"]["test"][-1]
    command = services["service"]["command"]
    assert command[:3] == ["python", "-m", "glassbox"]
    parser = argparse.ArgumentParser()
    serve.add(parser.add_subparsers())
    options = parser.parse_args(command[3:])
    assert options.no_dashboard and options.host == "0.0.0.0" and options.port == int(port)
    assert services["service"]["environment"]["GLASSBOX_SERVICE_RATE"] == "0", "one address asks for all visitors"
    assert COMPOSE["networks"]["inside"]["internal"] and services["service"]["networks"] == ["inside"]


@pytest.mark.parametrize("version", KUBERNETES)
def test_the_manifests_are_of_the_kubernetes_api(version: str) -> None:
    checked = [manifest for manifest in MANIFESTS if manifest["kind"] not in NOT_PUBLISHED]
    assert len(checked) >= 9
    for manifest in checked:
        kubernetes_validate.validate(manifest, version, strict=True)
    deployment = one("Deployment", "dashboard")
    wrong = {**deployment, "spec": {**deployment["spec"], "replica": 3}}
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(wrong, version, strict=True)


def test_every_file_is_applied() -> None:
    (kustomization,) = [entry for entry in MANIFESTS if entry["kind"] == "Kustomization"]
    files = {file.name for file in (DEPLOY / "kubernetes").glob("*.yaml")}
    assert {*kustomization["resources"], "kustomization.yaml"} == files
    if kubectl := shutil.which("kubectl"):
        built = subprocess.run([kubectl, "kustomize", DEPLOY / "kubernetes"], capture_output=True, text=True)
        assert built.returncode == 0, built.stderr
        assert len(list(yaml.safe_load_all(built.stdout))) == len(MANIFESTS) - 1


def test_a_visitor_comes_back_to_the_replica_with_the_session() -> None:
    assert one("Deployment", "dashboard")["spec"]["replicas"] > 1
    service = one("Service", "dashboard")
    cookie = "traefik.ingress.kubernetes.io/service.sticky.cookie"
    assert service["metadata"]["annotations"][cookie] == "true"
    ingress = one("Ingress", "dashboard")["spec"]
    assert ingress["ingressClassName"] == "traefik"
    backend = ingress["rules"][0]["http"]["paths"][0]["backend"]["service"]
    assert (backend["name"], backend["port"]["name"]) == ("dashboard", service["spec"]["ports"][0]["name"])


@pytest.mark.parametrize(("kind", "name"), [("Deployment", "dashboard"), ("Job", "copy-models")])
def test_no_pod_may_more_than_it_needs(kind: str, name: str) -> None:
    spec = pod(kind, name)["spec"]
    assert spec["securityContext"]["runAsNonRoot"] and not spec["automountServiceAccountToken"]
    for container in spec["containers"]:
        context = container["securityContext"]
        assert context["readOnlyRootFilesystem"] and not context["allowPrivilegeEscalation"]
        assert context["capabilities"] == {"drop": ["ALL"]}
        assert "memory" in container["resources"]["limits"]


@pytest.mark.parametrize("file", ["kubernetes", "compose"])
def test_models_of_visitors_get_their_full_memory(file: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if file == "compose":
        said = COMPOSE["services"]["dashboard"]["mem_limit"]
    else:
        (container,) = pod("Deployment", "dashboard")["spec"]["containers"]
        said = container["resources"]["limits"]["memory"]
    size = int(said.lower().removesuffix("i").removesuffix("m")) << 20
    monkeypatch.setattr(isolation, "memory_limit", lambda: size)
    assert isolation.Limits.of_environment({}) == isolation.Limits()


def test_names_that_belong_together_are_the_same() -> None:
    dashboard, models = pod("Deployment", "dashboard"), one("InferenceService", "models")
    container = dashboard["spec"]["containers"][0]
    environment = {entry["name"]: entry["value"] for entry in container["env"]}
    (host,) = [rule["host"] for rule in one("Ingress", "dashboard")["spec"]["rules"]]
    assert environment["STREAMLIT_BROWSER_SERVER_ADDRESS"] == host
    predictor = f"{models['metadata']['name']}-predictor"  # KServe names its service so
    assert environment["GLASSBOX_ENGINE"] == f"http://{predictor}.glassbox.svc.cluster.local"
    labels = dashboard["metadata"]["labels"]
    for selector in (
        one("Service", "dashboard")["spec"]["selector"],
        one("Deployment", "dashboard")["spec"]["selector"]["matchLabels"],
        one("PodDisruptionBudget", "dashboard")["spec"]["selector"]["matchLabels"],
        one("NetworkPolicy", "dashboard")["spec"]["podSelector"]["matchLabels"],
        one("NetworkPolicy", "models")["spec"]["ingress"][0]["from"][0]["podSelector"]["matchLabels"],
    ):
        assert selector.items() <= labels.items()
    claim = one("PersistentVolumeClaim", "models")["metadata"]["name"]
    assert models["spec"]["predictor"]["model"]["storageUri"] == f"pvc://{claim}"
    (volume,) = pod("Job", "copy-models")["spec"]["volumes"]
    assert volume["persistentVolumeClaim"]["claimName"] == claim
    probes = [container[f"{probe}Probe"]["httpGet"]["path"] for probe in ("startup", "readiness", "liveness")]
    assert set(probes) == {"/_stcore/health"}
