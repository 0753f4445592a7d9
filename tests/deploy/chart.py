"""Renders the Helm chart of deploy/helm/ctxfit."""

import pathlib
import subprocess

import yaml

SOURCE = pathlib.Path(__file__).resolve().parents[2]
CHART = SOURCE / "deploy/helm/ctxfit"
RELEASE, NAMESPACE = "ctxfit", "planning"
CASES = sorted(path.name.removesuffix("-values.yaml") for path in (CHART / "ci").glob("*-values.yaml"))
# The newest release of the Kubernetes API that the chart is held against, and the oldest that it allows.
NEWEST, OLDEST = "1.37", "1.30"


def values_file(case):
    return CHART / f"ci/{case}-values.yaml"


def template(helm, *arguments, version=NEWEST):
    """What `helm template` does, as a finished process."""
    command = [helm, "template", RELEASE, CHART, "--namespace", NAMESPACE, "--kube-version", version, *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def render(helm, *arguments, version=NEWEST):
    """Objects of the chart, by kind and name."""
    done = template(helm, *arguments, version=version)
    if done.returncode != 0:
        raise RuntimeError(f"helm template {arguments}: {done.stderr}")
    objects = [each for each in yaml.safe_load_all(done.stdout) if each]
    named = {(each["kind"], each["metadata"]["name"]): each for each in objects}
    if len(named) != len(objects):
        raise RuntimeError(f"helm template {arguments}: two objects of the same kind have the same name")
    return named


def render_case(helm, case, *arguments, version=NEWEST):
    return render(helm, "--values", values_file(case), *arguments, version=version)


def of_kind(objects, kind):
    return [each for (its_kind, _), each in objects.items() if its_kind == kind]


def pod_templates(objects):
    """Name, labels and specification of every pod that the objects are or make."""
    for (kind, name), each in objects.items():
        if kind in ("Deployment", "Job"):
            template_ = each["spec"]["template"]
            yield f"{kind} {name}", template_["metadata"]["labels"], template_["spec"]
        elif kind == "Pod":
            yield f"{kind} {name}", each["metadata"]["labels"], each["spec"]


def alert_groups(objects):
    """Groups of the alert rules, as Prometheus reads them from a file."""
    [rule] = of_kind(objects, "PrometheusRule")
    return rule["spec"]["groups"]
