"""Holds the chart's alerts and its dashboard against Prometheus' own checks, and each alert against series of its own.

    alerts_test.py TOOLS

TOOLS holds helm4 and promtool. Exits with 77, a skip, where one is missing.
"""

import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

try:
    import yaml

    import chart
except ImportError as error:
    print(f"skipped: {error}; tests/install-tools installs it")
    sys.exit(77)

TOOLS = pathlib.Path(sys.argv[1])
HELM, PROMTOOL = TOOLS / "helm4", TOOLS / "promtool"
SERIES = pathlib.Path(__file__).with_name("alerts_test.yaml")


def promtool(*arguments, folder):
    done = subprocess.run([PROMTOOL, *arguments], cwd=folder, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def dashboard_queries():
    """Titles and queries of the dashboard's panels, as Grafana would send them."""
    dashboard = json.loads(pathlib.Path(chart.CHART, "files/dashboard.json").read_text(encoding="utf-8"))
    for panel in dashboard["panels"]:
        for target in panel["targets"]:
            query = target["expr"].replace("$namespace", chart.NAMESPACE).replace("$job", chart.RELEASE)
            yield panel["title"], query.replace("$__rate_interval", "1m")


class AlertsTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.groups = chart.alert_groups(chart.render_case(HELM, "dra"))
        cls.alerts = {rule["alert"]: rule for group in cls.groups for rule in group["rules"]}

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.write("rules.yaml", {"groups": self.groups})

    def write(self, name, content):
        pathlib.Path(self.folder, name).write_text(yaml.safe_dump(content), encoding="utf-8")

    def test_prometheus_takes_the_rules(self):
        code, output = promtool("check", "rules", "rules.yaml", folder=self.folder)
        self.assertEqual(code, 0, output)

    def test_every_alert_fires_and_stays_silent_as_its_series_say(self):
        cases = yaml.safe_load(SERIES.read_text(encoding="utf-8"))
        self.write("cases.yaml", {"rule_files": ["rules.yaml"], **cases})
        code, output = promtool("test", "rules", "cases.yaml", folder=self.folder)
        self.assertEqual(code, 0, output)

        outcomes = {(check["alertname"], bool(check["exp_alerts"])) for case in cases["tests"] for check in case["alert_rule_test"]}
        self.assertEqual(outcomes, {(name, fires) for name in self.alerts for fires in (True, False)})

    def test_every_alert_has_its_page(self):
        runbook = pathlib.Path(chart.SOURCE, "deploy/runbook.md").read_text(encoding="utf-8")
        for name, rule in self.alerts.items():
            self.assertIn(f"\n## {name}\n", runbook)
            self.assertTrue(rule["annotations"]["runbook_url"].endswith(f"#{name.lower()}"))
            self.assertIn(rule["labels"]["severity"], ("critical", "warning", "info"))
        self.assertEqual(runbook.count("\n## Ctxfit"), len(self.alerts))

    def test_prometheus_takes_the_queries_of_dashboard_and_autoscaler(self):
        queries = [query for _, query in dashboard_queries()]
        scalers = chart.of_kind(chart.render_case(HELM, "dra"), "ScaledObject")
        queries += [trigger["metadata"]["query"] for scaler in scalers for trigger in scaler["spec"]["triggers"]]
        self.assertGreater(len(queries), 20)
        rules = [{"record": f"query:{index}", "expr": query} for index, query in enumerate(queries)]
        self.write("queries.yaml", {"groups": [{"name": "queries", "rules": rules}]})
        code, output = promtool("check", "rules", "queries.yaml", folder=self.folder)
        self.assertEqual(code, 0, output)

    def test_the_dashboard_is_one_that_grafana_loads(self):
        dashboard = json.loads(pathlib.Path(chart.CHART, "files/dashboard.json").read_text(encoding="utf-8"))
        ids = [panel["id"] for panel in dashboard["panels"]]
        self.assertEqual(len(ids), len(set(ids)))
        variables = {variable["name"] for variable in dashboard["templating"]["list"]}
        self.assertEqual(variables, {"datasource", "namespace", "job"})
        taken = set()
        for panel in dashboard["panels"]:
            place = panel["gridPos"]
            cells = {(x, y) for x in range(place["x"], place["x"] + place["w"]) for y in range(place["y"], place["y"] + place["h"])}
            self.assertFalse(cells & taken, panel["title"])
            self.assertTrue(all(0 <= x < 24 for x, _ in cells), panel["title"])
            taken |= cells


if __name__ == "__main__":
    for missing in [each for each in (HELM, PROMTOOL) if not os.access(each, os.X_OK)]:
        print(f"skipped: {missing} is missing; tests/install-tools installs it where Go is new enough")
        sys.exit(77)
    unittest.main(argv=sys.argv[:1])
