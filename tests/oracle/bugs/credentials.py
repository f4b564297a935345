"""Mistakes about signatures."""

from __future__ import annotations

from collections.abc import Callable
from unittest.mock import patch

from azfiles_sim.model.errors import Code, ServiceError
from azfiles_sim.wire import sas, sharedkey
from tests.oracle.bugs.placing import Placing, bug


@bug("Auth")
def headers_are_signed_in_ascii_order() -> Placing:
    return patch.object(sharedkey, "_ORDERS", ())


@bug("Auth")
def headers_without_a_value_are_not_signed() -> Placing:
    real = sharedkey.string_to_sign

    def wrong(call, *, lite, names=None, resource=None):
        given = sorted(call.service_headers) if names is None else names
        return real(call, lite=lite, names=[name for name in given if call.headers[name]], resource=resource)

    return patch.object(sharedkey, "string_to_sign", wrong)


@bug("Auth")
def any_signature_will_do() -> Placing:
    return patch.object(sharedkey, "matches", lambda *_: True)


@bug("Auth")
def the_query_is_not_signed() -> Placing:
    real = sharedkey.canonical_resource

    def wrong(call, *, lite, path=None):
        return real(call, lite=lite, path=path).partition("\n")[0]

    return patch.object(sharedkey, "canonical_resource", wrong)


@bug("Auth")
def the_path_is_signed_decoded() -> Placing:
    real = sharedkey.canonical_resource

    def wrong(call, *, lite, path=None):
        return real(call, lite=lite, path=sharedkey.unquote(call.raw_path if path is None else path))

    return patch.object(sharedkey, "canonical_resource", wrong)


def _times(change: Callable[[str | None, str, int], tuple[str | None, str, int]]) -> Placing:
    real = sas._check_times
    return patch.object(sas, "_check_times", lambda start, expiry, now: real(*change(start, expiry, now)))


@bug("Sas")
def the_beginning_of_a_sas_is_not_looked_at() -> Placing:
    return _times(lambda start, expiry, now: (None, expiry, now))


@bug("Sas")
def the_end_of_a_sas_is_not_looked_at() -> Placing:
    return _times(lambda start, expiry, now: (start, "2999-01-01T00:00:00Z", now))


@bug("Sas")
def the_end_of_a_sas_is_compared_the_wrong_way() -> Placing:
    def wrong(start, expiry, now):
        ends = sas.parse_iso_time(expiry)
        if ends is not None and ends > now:
            raise ServiceError(Code.AUTHENTICATION_FAILED)

    return patch.object(sas, "_check_times", wrong)


@bug("Sas")
def the_letters_of_a_sas_are_not_looked_at() -> Placing:
    return patch.object(sas, "_check_letters", lambda *_: None)


@bug("Sas")
def an_account_sas_signs_no_line_for_its_scope() -> Placing:
    return patch.object(sas, "ACCOUNT_EXTRA_LINE_SINCE", "9999-01-01")
