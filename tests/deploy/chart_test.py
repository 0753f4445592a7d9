"""Holds the Helm chart against Helm, against the Kubernetes API's schemas, and against the programs that its pods run.

    chart_test.py TOOLS BIN

TOOLS holds helm3 and helm4, BIN holds ctxfit and ctxfitd. Exits with 77, a skip, where Helm is missing.
"""

import copy
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time
import unittest

try:
    import kubernetes_validate
    import yaml

    import chart
except ImportError as error:
    print(f"skipped: {error}; tests/install-tools installs it")
    sys.exit(77)

TOOLS, BIN = map(pathlib.Path, sys.argv[1:3])
HELMS = [TOOLS / "helm3", TOOLS / "helm4"]
# The oldest that the chart allows, the first with dynamic resource allocation, and the newest.
VERSIONS = [chart.OLDEST, "1.34", chart.NEWEST]
CUSTOM_GROUPS = ("monitoring.coreos.com/", "keda.sh/", "gateway.networking.k8s.io/")

RENDERED = {}


def rendered(case):
    """A case's objects by Helm 4, rendered once."""
    if case not in RENDERED:
        RENDERED[case] = chart.render_case(HELMS[1], case)
    return copy.deepcopy(RENDERED[case])


def is_custom(manifest):
    """Whether the object's kind is not Kubernetes' own; tests/deploy/cluster holds those against their definitions."""
    return manifest["apiVersion"].startswith(CUSTOM_GROUPS)


def deployments(case):
    return chart.of_kind(rendered(case), "Deployment")


def container_of(deployment):
    [container] = deployment["spec"]["template"]["spec"]["containers"]
    return container


def flag(container, name):
    [value] = [each.split("=")[1] for each in container["args"] if each.startswith(f"--{name}=")]
    return value


class ChartTest(unittest.TestCase):
    def test_both_helms_lint_every_case(self):
        for helm in HELMS:
            for case in chart.CASES:
                command = [helm, "lint", "--strict", chart.CHART, "--values", chart.values_file(case)]
                done = subprocess.run(command, capture_output=True, text=True, check=False)
                self.assertEqual(done.returncode, 0, f"{helm.name} {case}: {done.stdout}{done.stderr}")

    def test_both_helms_render_the_same(self):
        for case in chart.CASES:
            self.assertEqual(chart.render_case(HELMS[0], case), rendered(case), case)

    def test_every_object_meets_the_schemas(self):
        for case in chart.CASES:
            for version in VERSIONS[1:] if case == "dra" else VERSIONS:
                for manifest in chart.render_case(HELMS[1], case, version=version).values():
                    if not is_custom(manifest):
                        kubernetes_validate.validate(manifest, version, strict=True)

    def test_the_schemas_reject_unknown_fields_and_wrong_types(self):
        [good] = deployments("default")
        for field, value in [("livenesProbe", {}), ("args", "--grace 45"), ("ports", [{"containerPort": "grpc"}])]:
            broken = copy.deepcopy(good)
            container_of(broken)[field] = value
            with self.assertRaises(kubernetes_validate.ValidationError, msg=field):
                kubernetes_validate.validate(broken, chart.NEWEST, strict=True)

    def test_selectors_match_the_pods_of_their_own_pool_only(self):
        objects = rendered("dra")
        pods = {labels["app.kubernetes.io/component"]: labels for _, labels, _ in chart.pod_templates(objects)}
        self.assertEqual(sorted(pods), ["cpu", "gpu", "test"])

        def matched(selector):
            return sorted(name for name, labels in pods.items() if selector.items() <= labels.items())

        for kind in ("Deployment", "PodDisruptionBudget"):
            for pool in ("cpu", "gpu"):
                selector = objects[kind, f"ctxfit-{pool}"]["spec"]["selector"]["matchLabels"]
                self.assertEqual(matched(selector), [pool], kind)
        services = {name: matched(objects["Service", name]["spec"]["selector"]) for kind, name in objects if kind == "Service"}
        servers = ["cpu", "gpu"]
        self.assertEqual(
            services,
            {"ctxfit": servers, "ctxfit-cpu": ["cpu"], "ctxfit-gpu": ["gpu"], "ctxfit-gateway": servers},
        )
        policy = objects["NetworkPolicy", "ctxfit"]["spec"]
        self.assertEqual(matched(policy["podSelector"]["matchLabels"]), servers)
        self.assertEqual(matched(policy["ingress"][0]["from"][0]["podSelector"]["matchLabels"]), ["test"])

    def test_prometheus_scrapes_every_pod_once(self):
        objects = rendered("dra")
        [monitor] = chart.of_kind(objects, "ServiceMonitor")
        wanted = monitor["spec"]["selector"]["matchLabels"].items()
        selected = [each["metadata"]["name"] for each in chart.of_kind(objects, "Service") if wanted <= each["metadata"]["labels"].items()]
        self.assertEqual(selected, ["ctxfit"])

    def test_every_pod_is_restricted_and_has_no_token(self):
        for case in chart.CASES:
            for name, _, pod in chart.pod_templates(rendered(case)):
                self.assertIs(pod["automountServiceAccountToken"], False, name)
                self.assertIs(pod["securityContext"]["runAsNonRoot"], True, name)
                self.assertEqual(pod["securityContext"]["seccompProfile"], {"type": "RuntimeDefault"}, name)
                for container in pod["containers"]:
                    context = {
                        "allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True, "capabilities": {"drop": ["ALL"]},
                    }  # fmt: skip
                    self.assertEqual(container["securityContext"], context, name)

    def test_the_grace_period_covers_the_drain(self):
        for case in chart.CASES:
            for deployment in deployments(case):
                pod, container = deployment["spec"]["template"]["spec"], container_of(deployment)
                delay = container.get("lifecycle", {"preStop": {"sleep": {"seconds": 0}}})["preStop"]["sleep"]["seconds"]
                drain = delay + int(flag(container, "grace"))
                # ctxfitd takes ten seconds at most beyond its grace.
                self.assertGreater(pod["terminationGracePeriodSeconds"], drain + 10, case)

    def test_ports_and_user_are_those_of_the_image(self):
        dockerfile = pathlib.Path(chart.SOURCE, "deploy/Dockerfile").read_text(encoding="utf-8")
        for case in chart.CASES:
            for service in chart.of_kind(rendered(case), "Service"):
                self.assertIn(f"\nEXPOSE {service['spec']['ports'][0]['port']}\n", dockerfile)
            for name, _, pod in chart.pod_templates(rendered(case)):
                user = pod["securityContext"]
                self.assertIn(f"\nUSER {user['runAsUser']}:{user['runAsGroup']}\n", dockerfile, name)

    def test_ctxfitd_takes_the_flags(self):
        for case in chart.CASES:
            for deployment in deployments(case):
                # 1: the flags are usable, and nothing listens there; 2: they are not.
                command = [BIN / "ctxfitd", *container_of(deployment)["args"], "--check-health=127.0.0.1:1"]
                done = subprocess.run(command, capture_output=True, text=True, check=False)
                self.assertEqual(done.returncode, 1, f"{case}: {done.stderr}")

    def test_values_reach_the_pods(self):
        [deployment] = deployments("gpu")
        container, pod = container_of(deployment), deployment["spec"]["template"]["spec"]
        self.assertEqual(container["image"], f"registry.example.com/team/ctxfitd@sha256:{'0123456789abcdef' * 4}")
        # 2500m; a pool's own flags; a number that YAML would write as 2e+05.
        for name, value in {"cpu-threads": "3", "fits-at-once": "4", "max-message-mib": "1024", "queue-capacity": "200000"}.items():
            self.assertEqual(flag(container, name), value)
        self.assertEqual(container["resources"]["limits"], {"cpu": "2500m", "memory": "4Gi", "nvidia.com/gpu": 2})
        self.assertEqual(pod["priorityClassName"], "planning")
        self.assertEqual(pod["nodeSelector"], {"nvidia.com/gpu.present": "true"})
        self.assertEqual(pod["imagePullSecrets"], [{"name": "registry"}])
        labels = deployment["spec"]["template"]["metadata"]["labels"]
        self.assertEqual(labels["team"], "planning")

    def test_a_claim_gives_the_gpu_pool_its_devices(self):
        objects = rendered("dra")
        [claim] = objects["Deployment", "ctxfit-gpu"]["spec"]["template"]["spec"]["resourceClaims"]
        self.assertIn(("ResourceClaimTemplate", claim["resourceClaimTemplateName"]), objects)
        container = container_of(objects["Deployment", "ctxfit-gpu"])
        self.assertEqual(container["resources"]["claims"], [{"name": claim["name"]}])
        self.assertNotIn("nvidia.com/gpu", container["resources"]["limits"])
        self.assertNotIn("resourceClaims", objects["Deployment", "ctxfit-cpu"]["spec"]["template"]["spec"])

        own = chart.render_case(HELMS[1], "dra", "--set", "pools.gpu.gpu.claimTemplateName=mine")
        self.assertFalse(chart.of_kind(own, "ResourceClaimTemplate"))
        [claim] = own["Deployment", "ctxfit-gpu"]["spec"]["template"]["spec"]["resourceClaims"]
        self.assertEqual(claim["resourceClaimTemplateName"], "mine")

    def test_autoscalers_find_their_deployments_and_own_the_replicas(self):
        for case, kind, count in [("sweep", "HorizontalPodAutoscaler", 1), ("dra", "ScaledObject", 2), ("default", "HorizontalPodAutoscaler", 0)]:
            objects = rendered(case)
            scalers = chart.of_kind(objects, kind)
            self.assertEqual(len(scalers), count, case)
            for scaler in scalers:
                target = objects["Deployment", scaler["spec"]["scaleTargetRef"]["name"]]
                self.assertNotIn("replicas", target["spec"])

    def test_impossible_values_fail_with_words(self):
        cases = [
            (["pools.cpu.enabled=false"], "pools: none is enabled"),
            (["pools.cpu.resources.limits.memory=512Mi"], "at least 640Mi are needed"),
            (["server.maxMessageMib=2047"], "raise the limit or lower maxMessageMib"),
            (["pools.cpu.resources.requests.memory=3Gi"], "exceeds limits.memory 2Gi"),
            (["pools.cpu.resources.limits.cpu=2", "server.cpuThreads=4"], "set cpuThreads to auto or to at most 2"),
            (["pools.cpu.resources.limits.cpu=2", "server.cpuThreads=0"], "0 is every core of the node"),
            (["pools.cpu.rollout.maxSurge=0"], "no pod could ever be replaced"),
            (["pools.cpu.autoscaling.mode=cpu", "pools.cpu.autoscaling.minReplicas=9"], "minReplicas 9 exceeds maxReplicas 8"),
            (["pools.cpu.autoscaling.mode=cpu", "pools.cpu.autoscaling.minReplicas=0"], "minReplicas 0 needs mode queue"),
            (["pools.cpu.autoscaling.mode=cpu", "pools.cpu.resources.requests.cpu=null"], "which is not set"),
            (["pools.cpu.autoscaling.mode=queue"], "set queue.prometheusAddress"),
            (
                ["pools.cpu.autoscaling.mode=queue", "pools.cpu.autoscaling.queue.prometheusAddress=http://p", "metrics.enabled=false"],
                "set metrics.enabled to true",
            ),
            (
                ["pools.cpu.autoscaling.mode=queue", "pools.cpu.autoscaling.queue.prometheusAddress=http://p", "pools.cpu.autoscaling.minReplicas=0"],
                "needs the other pool",
            ),
            (["metrics.port=8431"], "the port of gRPC"),
            (["metrics.enabled=false", "metrics.serviceMonitor.enabled=true"], "metrics.serviceMonitor.enabled needs metrics.enabled"),
            (["grpcRoute.enabled=true"], "name the Gateway"),
            (["sweep.enabled=true"], "name at least one file"),
            (["sweep.enabled=true", "sweep.sets={a.csv,a.csv}"], "a name occurs twice"),
            (["sweep.enabled=true", "sweep.sets={a.csv}"], "give the volume with the files"),
            # By the schema.
            (["pools.cpu.replicas=0"], "replicas"),
            (["pools.cpu.disruption.maxUnavailable=0"], "maxUnavailable"),
            (["server.queueCapcity=3"], "queueCapcity"),
            (["server.logLevel=verbose"], "logLevel"),
            (["pools.tpu.enabled=true"], "tpu"),
            (["sweep.sets={../secret}"], "sets"),
            (["metrics.port=80"], "port"),
        ]  # fmt: skip
        for helm in HELMS:
            for sets, words in cases:
                done = chart.template(helm, *[each for setting in sets for each in ("--set", setting)])
                self.assertNotEqual(done.returncode, 0, f"{helm.name}: {sets}")
                self.assertIn(words, done.stderr, f"{helm.name}: {sets}")
        old = chart.template(HELMS[1], "--set", "pools.gpu.gpu.mode=dra", version="1.33")
        self.assertIn("needs resource.k8s.io/v1 of Kubernetes 1.34; this cluster is v1.33", old.stderr)
        self.assertIn("incompatible", chart.template(HELMS[1], version="1.29").stderr)

    def test_another_sweep_is_another_job(self):
        names = {
            name
            for sets in ([], ["--set", "sweep.sets={other.csv}"], ["--set", "pools.cpu.image.tag=next"])
            for kind, name in chart.render_case(HELMS[1], "sweep", *sets)
            if kind == "Job"
        }
        self.assertEqual(len(names), 3)

    def test_an_index_of_a_sweep_that_runs_twice_leaves_one_result(self):
        [job] = chart.of_kind(rendered("sweep"), "Job")
        [container] = job["spec"]["template"]["spec"]["containers"]
        with tempfile.TemporaryDirectory() as folder:
            results = pathlib.Path(folder)
            script = container["args"][0].replace("/data/", f"{chart.SOURCE}/tests/data/").replace("/results/", f"{folder}/")
            command = [*container["command"], script, *container["args"][1:]]

            def run(index):
                environment = {"PATH": f"{BIN}:{os.environ['PATH']}", "JOB_COMPLETION_INDEX": str(index)}
                subprocess.run(command, env=environment, check=True, capture_output=True)

            for index in range(job["spec"]["completions"]):
                run(index)
            first = {path.name: path.read_bytes() for path in results.iterdir()}
            self.assertEqual(sorted(first), ["natural_questions_shots.csv.json", "ruler.csv.json", "yarn_inverse_perplexity.csv.json"])
            run(1)
            again = {path.name: path.read_bytes() for path in results.iterdir()}
            self.assertEqual(again.keys(), first.keys())
            without_times = [strip_times(each["ruler.csv.json"]) for each in (first, again)]
            self.assertEqual(*without_times)

    def test_the_test_pod_fits_on_a_server(self):
        objects = rendered("default")
        [pod] = chart.of_kind(objects, "Pod")
        [container] = pod["spec"]["containers"]
        with tempfile.TemporaryDirectory() as folder:
            for name, text in objects["ConfigMap", pod["spec"]["volumes"][0]["configMap"]["name"]]["data"].items():
                pathlib.Path(folder, name).write_text(text, encoding="utf-8")
            port_file = pathlib.Path(folder, "port")
            server = subprocess.Popen([BIN / "ctxfitd", "--listen", "127.0.0.1:0", "--port-file", port_file], stderr=subprocess.DEVNULL)
            try:
                while not port_file.exists():
                    self.assertIsNone(server.poll(), "ctxfitd ended")
                    time.sleep(0.05)
                address = f"127.0.0.1:{port_file.read_text().strip()}"
                words = [*container["command"], *container["args"]]
                words = [address if each == "ctxfit:8431" else each.replace("/data/", f"{folder}/") for each in words]
                self.assertIn(address, words)
                done = subprocess.run([BIN / words[0], *words[1:]], capture_output=True, text=True, check=False)
            finally:
                server.terminate()
                server.wait()
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertRegex(done.stdout, r"context_exponent +0\.\d+")

    def test_the_readme_names_every_value(self):
        readme = pathlib.Path(chart.CHART, "README.md").read_text(encoding="utf-8")
        values = yaml.safe_load(pathlib.Path(chart.CHART, "values.yaml").read_text(encoding="utf-8"))
        for name in values:
            self.assertRegex(readme, rf"`{name}[.`]")


def strip_times(fit):
    """A fit without the times that it took."""
    return re.sub(rb'"[a-z_]*(seconds|per_second)": *"?[^,}]*', b"", fit)


if __name__ == "__main__":
    for missing in [each for each in HELMS if not os.access(each, os.X_OK)]:
        print(f"skipped: {missing} is missing; tests/install-tools installs it where Go is new enough")
        sys.exit(77)
    unittest.main(argv=sys.argv[:1])
