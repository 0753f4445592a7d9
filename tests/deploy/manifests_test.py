"""Holds deploy/kubernetes against the Kubernetes API's schemas, and against what schemas cannot say.

    manifests_test.py KUSTOMIZE DEPLOY

KUSTOMIZE is the kustomize binary, DEPLOY the source tree's deploy/. Exits with 77, a skip, where kustomize is missing.
"""

import copy
import os
import pathlib
import subprocess
import sys
import unittest

try:
    import kubernetes_validate
    import yaml
except ImportError as error:
    print(f"skipped: {error}; tests/install-tools installs it")
    sys.exit(77)

KUSTOMIZE, DEPLOY = sys.argv[1:3]
# Releases of the API that clusters run; the ends of the range.
API_VERSIONS = ["1.28", "1.31"]
OVERLAYS = ["base", "gpu"]


def build(overlay):
    """The objects of an overlay by kind, as kustomize would hand them to the API."""
    command = [KUSTOMIZE, "build", f"{DEPLOY}/kubernetes/{overlay}"]
    text = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    return {each["kind"]: each for each in yaml.safe_load_all(text)}


def built_overlays():
    """Objects and pod template of every overlay."""
    for overlay in OVERLAYS:
        objects = build(overlay)
        yield objects, objects["Deployment"]["spec"]["template"]


def validate(manifest, version):
    """Raises ValidationError where the schemas do not take the manifest, unknown fields included."""
    kubernetes_validate.validate(manifest, version, strict=True)


class ManifestsTest(unittest.TestCase):
    def test_every_object_meets_the_schemas(self):
        for objects, _ in built_overlays():
            self.assertEqual(sorted(objects), ["Deployment", "PodDisruptionBudget", "Service"])
            for manifest in objects.values():
                for version in API_VERSIONS:
                    validate(manifest, version)

    def test_the_schemas_reject_unknown_fields_and_wrong_types(self):
        good = build("base")["Deployment"]
        for field, value in [("livenesProbe", {}), ("args", "--grace 45"), ("ports", [{"containerPort": "grpc"}])]:
            broken = copy.deepcopy(good)
            broken["spec"]["template"]["spec"]["containers"][0][field] = value
            with self.assertRaises(kubernetes_validate.ValidationError, msg=field):
                validate(broken, API_VERSIONS[-1])

    def test_selectors_match_the_pods_of_their_own_overlay_only(self):
        labels = {name: build(name)["Deployment"]["spec"]["template"]["metadata"]["labels"] for name in OVERLAYS}
        for overlay in OVERLAYS:
            objects = build(overlay)
            selectors = [objects["Service"]["spec"]["selector"]]
            selectors += [objects[kind]["spec"]["selector"]["matchLabels"] for kind in ("Deployment", "PodDisruptionBudget")]
            for selector in selectors:
                matched = [name for name in OVERLAYS if selector.items() <= labels[name].items()]
                self.assertEqual(matched, [overlay])

    def test_the_grace_period_covers_the_server_s_own(self):
        for _, template in built_overlays():
            container = template["spec"]["containers"][0]
            grace = int(container["args"][container["args"].index("--grace") + 1])
            pause = int(container["lifecycle"]["preStop"]["exec"]["command"][1])
            force = 10  # kLastResort of server/main.cc
            self.assertGreaterEqual(template["spec"]["terminationGracePeriodSeconds"], grace + pause + force)

    def test_ports_and_user_are_those_of_the_image(self):
        dockerfile = pathlib.Path(DEPLOY, "Dockerfile").read_text(encoding="utf-8")
        for objects, template in built_overlays():
            container = template["spec"]["containers"][0]
            port, metrics = (port["containerPort"] for port in container["ports"])
            self.assertIn(f"\nEXPOSE {port} {metrics}\n", dockerfile)
            self.assertEqual([entry["port"] for entry in objects["Service"]["spec"]["ports"]], [port, metrics])
            self.assertIn(f"0.0.0.0:{metrics}", container["args"])
            self.assertEqual(container["startupProbe"]["grpc"]["port"], port)
            for probe in ("readinessProbe", "livenessProbe"):
                self.assertEqual(container[probe]["httpGet"]["port"], container["ports"][1]["name"])
            user = template["spec"]["securityContext"]
            self.assertIn(f"\nUSER {user['runAsUser']}:{user['runAsGroup']}\n", dockerfile)


if __name__ == "__main__":
    if not os.access(KUSTOMIZE, os.X_OK):
        print(f"skipped: {KUSTOMIZE} is missing; tests/install-tools installs it")
        sys.exit(77)
    unittest.main(argv=sys.argv[:1])
