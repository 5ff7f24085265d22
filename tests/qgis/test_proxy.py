"""The proxy of QGIS's options reaches the programs that the plugin starts."""

import pytest
from landsketch.bridge.processes import child_environment
from qgis.core import QgsSettings


@pytest.fixture
def options(qgis_app):
    settings = QgsSettings()
    names = []

    def write(**values):
        for name, value in values.items():
            names.append(f"proxy/{name}")
            settings.setValue(names[-1], value)

    yield write
    for name in names:
        settings.remove(name)


def test_a_proxy_with_a_login(options):
    options(proxyEnabled=True, proxyType="HttpProxy", proxyHost="proxy.example.org", proxyPort="3128",
            proxyUser="ann", proxyPassword="p@ss:word")  # fmt: skip
    assert child_environment()["HTTPS_PROXY"] == "http://ann:p%40ss%3Aword@proxy.example.org:3128"


@pytest.mark.parametrize(
    "values",
    [
        {"proxyEnabled": False, "proxyType": "HttpProxy", "proxyHost": "proxy.example.org"},
        {"proxyEnabled": True, "proxyType": "Socks5Proxy", "proxyHost": "proxy.example.org"},
        {"proxyEnabled": True, "proxyType": "HttpProxy", "proxyHost": ""},
    ],
)
def test_what_is_switched_off_or_cannot_be_named_changes_nothing(options, monkeypatch, values):
    monkeypatch.setenv("HTTPS_PROXY", "http://from.the.environment")
    options(**values)
    assert child_environment()["HTTPS_PROXY"] == "http://from.the.environment"
