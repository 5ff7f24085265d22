"""The proxy that QGIS's options state, for the programs that are started from QGIS."""

from __future__ import annotations

import sys
from typing import Any, Dict
from urllib.parse import quote

_HTTP = ("HttpProxy", "HttpCachingProxy")


def proxy_of_qgis() -> Dict[str, str]:
    """Returns the variables that name QGIS's proxy; none where it has none, or of a kind that they cannot name.

    Outside QGIS, as in `./dev`, there are no such options.
    """
    core = sys.modules.get("qgis.core")
    if core is None:
        return {}
    settings = core.QgsSettings()

    def text(name: str) -> str:
        return str(settings.value(f"proxy/{name}", "") or "")

    host, port = text("proxyHost"), text("proxyPort")
    if not _is_true(settings.value("proxy/proxyEnabled", False)) or text("proxyType") not in _HTTP or not host:
        return {}
    user, password = text("proxyUser"), text("proxyPassword")
    login = f"{quote(user, safe='')}:{quote(password, safe='')}@" if user else ""
    address = f"http://{login}{host}" + (f":{port}" if port and port != "0" else "")
    return dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"), address)


def _is_true(value: Any) -> bool:
    """Settings files hold booleans as text."""
    return value in (True, 1, "true", "1")
