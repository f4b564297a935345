"""Service properties: what is answered, what a partial document changes, what is refused; and CORS on real replies."""

from __future__ import annotations

import pytest
from azure.storage.fileshare._generated._utils.model_base import _deserialize_xml
from azure.storage.fileshare._generated.models import StorageServiceProperties

from azfiles_sim import Reply, Request

from .asking import ACCOUNT, NEWEST, OTHER, Asker, account_sas, code, content, header, xml

PROPERTIES = "/?restype=service&comp=properties"
RULE = (
    "<CorsRule><AllowedOrigins>{origins}</AllowedOrigins><AllowedMethods>{methods}</AllowedMethods>"
    "<AllowedHeaders>x-ms-meta-*,x-ms-version</AllowedHeaders><ExposedHeaders>x-ms-meta-*,ETag</ExposedHeaders>"
    "<MaxAgeInSeconds>200</MaxAgeInSeconds></CorsRule>"
)


def setting(asker: Asker, inner: str, version: str = NEWEST) -> Reply:
    body = f'<?xml version="1.0" encoding="utf-8"?><StorageServiceProperties>{inner}</StorageServiceProperties>'
    return asker.ask("PUT", PROPERTIES, body=body.encode(), version=version)


def text(asker: Asker, version: str = NEWEST) -> str:
    reply = asker.ask("GET", PROPERTIES, version=version)
    assert (reply.status, header(reply, "Transfer-Encoding")) == (200, "chunked")
    assert header(reply, "Content-Type") == "application/xml"
    return content(reply).decode("utf-8-sig").partition("?>")[2]


def rule(origins: str = "http://a.example,http://b.example", methods: str = "GET,PUT") -> str:
    return f"<Cors>{RULE.format(origins=origins, methods=methods)}</Cors>"


METRICS = (
    "<{0}><Version>1.0</Version><Enabled>True</Enabled><IncludeAPIs>False</IncludeAPIs>"
    "<RetentionPolicy><Enabled>True</Enabled><Days>5</Days></RetentionPolicy></{0}>"
)
OFF = "<{0}><Version>1.0</Version><Enabled>false</Enabled><RetentionPolicy><Enabled>false</Enabled></RetentionPolicy></{0}>"


def test_the_properties_of_a_new_account_are_all_off() -> None:
    expected = OFF.format("HourMetrics") + OFF.format("MinuteMetrics") + "<Cors />"
    assert text(Asker()) == f"<StorageServiceProperties>{expected}</StorageServiceProperties>"


def test_what_a_partial_document_does_not_name_stays() -> None:
    asker = Asker()
    reply = setting(asker, METRICS.format("HourMetrics"))
    assert (reply.status, header(reply, "Content-Length"), header(reply, "ETag")) == (202, "0", None)
    assert setting(asker, rule()).status == 202
    hour = METRICS.format("HourMetrics").replace("True", "true").replace("False", "false")
    assert hour + OFF.format("MinuteMetrics") + "<Cors><CorsRule>" in text(asker)
    assert setting(asker, METRICS.format("MinuteMetrics") + "<Cors />").status == 202
    assert hour + hour.replace("Hour", "Minute") + "<Cors />" in text(asker)


def test_the_official_sdk_reads_the_document() -> None:
    asker = Asker()
    setting(
        asker,
        METRICS.format("HourMetrics") + rule() + "<ProtocolSettings><SMB><Multichannel><Enabled>true</Enabled>"
        "</Multichannel></SMB></ProtocolSettings>",
    )
    read = _deserialize_xml(StorageServiceProperties, content(asker.ask("GET", PROPERTIES)).decode("utf-8-sig"))
    assert read.hour_metrics is not None
    assert read.cors is not None
    assert read.protocol is not None
    assert (read.hour_metrics.enabled, read.hour_metrics.include_apis) == (True, False)
    assert read.hour_metrics.retention_policy is not None
    assert read.hour_metrics.retention_policy.days == 5
    assert read.cors[0].allowed_origins == "http://a.example,http://b.example"
    assert (read.cors[0].allowed_methods, read.cors[0].max_age_in_seconds) == ("GET,PUT", 200)
    assert read.protocol.smb is not None
    assert read.protocol.smb.multichannel is not None
    assert read.protocol.smb.multichannel.enabled is True


def test_protocol_settings_are_shown_and_taken_by_version() -> None:
    asker = Asker()
    multichannel = "<SMB><Multichannel><Enabled>true</Enabled></Multichannel></SMB>"
    encryption = "<EncryptionInTransit><Required>true</Required></EncryptionInTransit>"
    reply = setting(asker, f"<ProtocolSettings>{multichannel}</ProtocolSettings>", "2019-12-12")
    assert (reply.status, code(reply)) == (400, "UnsupportedXmlNode")
    assert xml(reply).findtext("XmlNodeName") == "ProtocolSettings"
    assert setting(asker, f"<ProtocolSettings>{multichannel}</ProtocolSettings>", "2020-02-10").status == 202
    nfs = f"<ProtocolSettings><NFS>{encryption}</NFS></ProtocolSettings>"
    assert code(setting(asker, nfs, "2025-11-05")) == "UnsupportedXmlNode"
    assert setting(asker, nfs, "2026-02-06").status == 202
    assert setting(asker, f"<ProtocolSettings><SMB>{encryption}</SMB></ProtocolSettings>").status == 202
    both = f"<ProtocolSettings>{multichannel.replace('</SMB>', encryption + '</SMB>')}<NFS>{encryption}</NFS></ProtocolSettings>"
    assert both in text(asker)
    assert f"<ProtocolSettings>{multichannel}</ProtocolSettings>" in text(asker, "2025-11-05")
    assert "ProtocolSettings" not in text(asker, "2019-12-12")


@pytest.mark.parametrize(
    ("inner", "expected"),
    [
        ("<Cors>" + RULE.format(origins="*", methods="GET") * 6 + "</Cors>", "InvalidXmlDocument"),
        ("<Cors><CorsRule><AllowedOrigins>*</AllowedOrigins></CorsRule></Cors>", "MissingRequiredXmlNode"),
        (rule(origins=" "), "InvalidXmlNodeValue"),
        (rule(methods="GET,BREW"), "InvalidXmlNodeValue"),
        (rule().replace("200", "-1"), "InvalidXmlNodeValue"),
        ("<Logging />", "UnsupportedXmlNode"),
        ("<DefaultServiceVersion>2019-02-02</DefaultServiceVersion>", "UnsupportedXmlNode"),
        ("<Cors><Rule /></Cors>", "UnsupportedXmlNode"),
        (METRICS.format("HourMetrics").replace("1.0", "2.0"), "InvalidXmlNodeValue"),
        (METRICS.format("HourMetrics").replace("<Enabled>True</Enabled><I", "<I"), "MissingRequiredXmlNode"),
        (METRICS.format("HourMetrics").replace("<IncludeAPIs>False</IncludeAPIs>", ""), "MissingRequiredXmlNode"),
        (METRICS.format("HourMetrics").replace("True", "perhaps"), "InvalidXmlNodeValue"),
        (METRICS.format("HourMetrics").replace("5", "366"), "InvalidXmlNodeValue"),
        (METRICS.format("HourMetrics").replace("<Days>5</Days>", ""), "MissingRequiredXmlNode"),
        ("<Cors>", "InvalidXmlDocument"),
    ],
)
def test_a_document_that_the_service_cannot_take_is_400_and_changes_nothing(inner: str, expected: str) -> None:
    asker = Asker()
    before = text(asker)
    reply = setting(asker, inner)
    assert (reply.status, code(reply)) == (400, expected)
    assert text(asker) == before


def test_another_document_is_not_service_properties() -> None:
    assert code(Asker().ask("PUT", PROPERTIES, body=b"<SignedIdentifiers />")) == "InvalidXmlDocument"


def test_five_cors_rules_are_taken() -> None:
    assert setting(Asker(), "<Cors>" + RULE.format(origins="*", methods="GET") * 5 + "</Cors>").status == 202


def test_an_account_sas_for_the_service_may_read_or_write_the_properties() -> None:
    asker = Asker()
    assert asker.with_sas("GET", PROPERTIES, account_sas(sp="r", srt="s")).status == 200
    reply = asker.with_sas("PUT", PROPERTIES, account_sas(sp="r", srt="s"), body=b"<StorageServiceProperties />")
    assert code(reply) == "AuthorizationPermissionMismatch"
    assert code(asker.with_sas("GET", PROPERTIES, account_sas(sp="r", srt="co"))) == "AuthorizationResourceTypeMismatch"


# --- cross-origin sharing --------------------------------------------------------------------------------------


def sharing(asker: Asker, method: str = "GET", origin: str | None = "http://a.example", **more: str) -> dict[str, str]:
    target = more.get("target", "/data/d/f" if method in {"GET", "HEAD"} else "/data/d/f?comp=metadata")
    reply = asker.ask(method, target, *([("Origin", origin)] if origin else []))
    found = {name: value for name, value in reply.headers if name.startswith("Access-Control-") or name == "Vary"}
    assert sum(name == "Vary" for name, _ in reply.headers) <= 1
    return found


def test_replies_of_an_account_without_rules_say_nothing_of_origins() -> None:
    assert sharing(Asker().with_share()) == {}


def test_reads_vary_by_origin_once_there_are_rules_and_writes_do_not() -> None:
    asker = Asker().with_share()
    setting(asker, rule())
    assert sharing(asker, origin=None) == {"Vary": "Origin"}
    assert sharing(asker, "HEAD") == {"Vary": "Origin"}
    assert sharing(asker, origin="http://c.example") == {"Vary": "Origin"}
    assert sharing(asker, "PUT", None) == {}
    assert sharing(asker, target="/nothing/here")["Vary"] == "Origin"
    assert header(asker.ask("GET", "/?comp=list", account=OTHER, key=b"the key of the other account"), "Vary") is None


def test_an_origin_that_a_rule_names_is_told_so() -> None:
    asker = Asker().with_share()
    setting(asker, rule())
    asker.ask("PUT", "/data/d/f?comp=metadata", ("x-ms-meta-colour", "red"))
    shared = {
        "Access-Control-Allow-Origin": "http://a.example",
        "Access-Control-Expose-Headers": "ETag,x-ms-meta-colour",
        "Access-Control-Allow-Credentials": "true",
    }
    assert sharing(asker) == {**shared, "Vary": "Origin"}
    assert sharing(asker, "PUT") == {**shared, "Access-Control-Expose-Headers": "ETag"}


def test_a_rule_for_every_origin_needs_no_vary() -> None:
    asker = Asker().with_share()
    setting(asker, rule(origins="*"))
    expected = {"Access-Control-Allow-Origin": "*", "Access-Control-Expose-Headers": "ETag"}
    assert sharing(asker) == sharing(asker, origin=None) == expected


def preflight(asker: Asker, *headers: tuple[str, str], target: str = "/data/d/f") -> Reply:
    return asker.send(Request("OPTIONS", f"/{ACCOUNT}{target}", headers))


ORIGIN = ("Origin", "http://b.example")
METHOD = ("Access-Control-Request-Method", "PUT")
HEADERS = ("Access-Control-Request-Headers", "X-MS-Meta-Target, x-ms-version")


def test_a_preflight_needs_no_credential_and_no_version_and_tells_what_the_rule_allows() -> None:
    asker = Asker()
    setting(asker, rule())
    reply = preflight(asker, ORIGIN, METHOD, HEADERS)
    assert (reply.status, header(reply, "Content-Length"), header(reply, "x-ms-version")) == (200, "0", None)
    assert header(reply, "Access-Control-Allow-Origin") == "http://b.example"
    assert header(reply, "Access-Control-Allow-Methods") == "PUT"
    assert header(reply, "Access-Control-Allow-Headers") == HEADERS[1]
    assert header(reply, "Access-Control-Max-Age") == "200"
    assert header(reply, "Access-Control-Allow-Credentials") == "true"
    without = preflight(asker, ORIGIN, METHOD)
    assert (without.status, header(without, "Access-Control-Allow-Headers")) == (200, None)


@pytest.mark.parametrize(
    "headers",
    [
        (("Origin", "http://c.example"), METHOD),
        (("Origin", "HTTP://B.EXAMPLE"), METHOD),
        (ORIGIN, ("Access-Control-Request-Method", "DELETE")),
        (ORIGIN, METHOD, ("Access-Control-Request-Headers", "x-ms-range")),
        (ORIGIN, METHOD, ("Access-Control-Request-Headers", "x-ms-version, x-ms-range")),
    ],
)
def test_a_preflight_that_no_rule_fits_is_403(headers: tuple[tuple[str, str], ...]) -> None:
    asker = Asker()
    setting(asker, rule())
    reply = preflight(asker, *headers)
    assert (reply.status, code(reply)) == (403, "CorsPreflightFailure")
    assert reply.reason == "CORS not enabled or no matching rule found for this request."
    assert code(preflight(Asker(), *headers)) == "CorsPreflightFailure"


def test_a_preflight_without_its_headers_is_400() -> None:
    for headers in ((ORIGIN,), (METHOD,), ()):
        reply = preflight(Asker(), *headers)
        assert (reply.status, code(reply)) == (400, "InvalidHeaderValue")
        assert reply.reason == "A required CORS header is not present."
