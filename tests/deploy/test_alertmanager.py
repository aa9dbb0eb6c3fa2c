"""Whom Alertmanager tells, judged by its own program."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.deploy.promtool import ROOT

CONFIG = ROOT / "deploy" / "alertmanager" / "alertmanager.yaml"
pytestmark = pytest.mark.skipif(
    shutil.which("amtool") is None, reason="amtool is not on the PATH (Debian: package prometheus-alertmanager)"
)


def readable(folder: Path) -> Path:
    """The configuration as versions before 0.26 take it, too: an address in place of a file that holds one."""
    path = folder / "alertmanager.yaml"
    path.write_text(CONFIG.read_text().replace("url_file: /run/secrets/alert_webhook", 'url: "http://127.0.0.1:9/"'))
    return path


def amtool(*arguments: str | Path) -> str:
    done = subprocess.run(["amtool", *map(str, arguments)], capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_alertmanager_takes_it(tmp_path: Path) -> None:
    assert "SUCCESS" in amtool("check-config", readable(tmp_path))


@pytest.mark.parametrize(
    ("labels", "receiver"),
    [
        (("alertname=TillhandAuditBroken", "severity=page"), "pages"),
        (("alertname=TillhandBreakerOpen", "severity=ticket"), "tickets"),
        (("alertname=SomethingElse",), "tickets"),
    ],
)
def test_pages_and_tickets_go_where_they_belong(tmp_path: Path, labels: tuple[str, ...], receiver: str) -> None:
    found = amtool("config", "routes", "test", f"--config.file={readable(tmp_path)}", *labels)
    assert found.strip() == receiver
