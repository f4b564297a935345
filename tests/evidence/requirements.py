"""The ids of what the toolkit must do, and the tests that prove them.

A test may carry ``@pytest.mark.requirement("F-001")``; tests of other folders that prove one are named here.
"""

from __future__ import annotations

from typing import Final

REQUIREMENTS: Final[dict[str, str]] = {
    "F-001": "create a file of any size",
    "F-002": "read a file whole",
    "F-003": "read a range",
    "F-004": "write one range",
    "F-005": "write in chunks",
    "F-006": "delete a file",
    "F-007": "copy a file",
    "F-008": "properties",
    "F-009": "metadata",
    "F-010": "create directories",
    "F-011": "list by page",
    "F-012": "delete directories",
    "F-013": "delete directories recursively",
    "F-014": "acquire leases",
    "F-015": "renew leases",
    "F-016": "release leases",
    "F-017": "break leases",
    "F-018": "leases that renew themselves",
    "F-019": "run a piece of work under a lock",
    "F-020": "streaming upload",
    "F-021": "streaming download",
    "F-022": "write only if the ETag is the expected one",
    "F-023": "create only if it does not exist",
    "F-024": "shared access signatures",
    "F-025": "Shared Key",
    "NF-001": "no crash in production paths",
    "NF-002": "credentials never shown",
    "NF-003": "streaming in bounded memory",
    "NF-004": "retry with exponential backoff",
    "NF-005": "the circuit breaker opens",
    "NF-006": "the circuit breaker recovers",
    "NF-007": "lease conflicts are typed",
    "NF-008": "TLS 1.2 or newer, certificates checked",
    "NF-009": "a timeout for each kind of operation",
    "NF-010": "range size configurable",
    "P-001": "a small read in less than 100 ms",
    "P-002": "a small write in less than 150 ms",
    "P-003": "a list of 100 in less than 200 ms",
    "P-004": "a lease in less than 50 ms",
    "P-005": "100 operations at once",
    "P-006": "60 MB/s",
    "P-007": "less than 16 MB for 1 GB",
    "SC-001": "keys never in logs, errors and reprs",
    "SC-002": "signatures never in logs, errors and reprs",
    "SC-003": "connection strings protected",
    "SC-004": "short-lived signatures",
    "SC-005": "credentials never in cassettes",
    "AC-001": "least privilege by default",
    "AC-002": "signatures scoped to a path",
    "AC-003": "lease ids not logged",
    "TS-001": "TLS 1.2 or newer",
    "TS-002": "certificates checked",
    "TS-003": "HTTPS only beyond this machine",
}

_FILES: Final = "conformance/test_files.py::"
_LEASES: Final = "conformance/test_leases.py::"
_CREDENTIALS: Final = "conformance/test_credentials.py::"
_TRANSFERS: Final = "flows/test_transfers.py::"

PROVEN: Final[dict[str, tuple[str, ...]]] = {
    "F-001": (_FILES + "test_a_created_file_is_zeros_of_the_given_size",),
    "F-002": (_FILES + "test_an_upload_of_any_size_comes_back_as_it_was",),
    "F-003": (_FILES + "test_a_read_range_ends_with_the_file_and_lands_in_the_buffer_given",),
    "F-004": (_FILES + "test_a_range_is_written_read_and_cleared",),
    "F-005": (_TRANSFERS + "test_what_is_uploaded_is_what_the_file_then_holds",),
    "F-006": (_FILES + "test_a_deleted_file_is_gone",),
    "F-007": (_FILES + "test_a_copy_has_the_content_and_metadata_of_its_source",),
    "F-008": (
        _FILES + "test_setting_http_headers_replaces_all_of_them",
        _FILES + "test_smb_properties_are_set_and_kept",
        _FILES + "test_resizing_cuts_and_grows_with_zeros_and_keeps_the_content_type",
    ),
    "F-009": (_FILES + "test_file_metadata_is_replaced_as_a_whole",),
    "F-010": ("conformance/test_directories.py::test_a_created_directory_has_its_metadata_and_a_parent_of_its_own",),
    "F-011": ("conformance/test_directories.py::test_pages_of_any_size_make_the_same_listing",),
    "F-012": ("conformance/test_directories.py::test_only_an_empty_directory_is_deleted",),
    "F-014": (_LEASES + "test_a_share_lease_guards_against_deletion_until_it_expires",),
    "F-015": (_LEASES + "test_a_renewed_share_lease_starts_again",),
    "F-016": (_LEASES + "test_a_file_lease_has_one_holder",),
    "F-017": (
        _LEASES + "test_a_broken_share_lease_ends_after_its_break_period",
        _LEASES + "test_breaking_a_file_lease_takes_effect_at_once",
    ),
    "F-024": (
        _CREDENTIALS + "test_a_file_sas_reads_its_file_and_nothing_else",
        _CREDENTIALS + "test_an_account_sas_is_held_to_its_resource_types",
    ),
    "F-025": (_CREDENTIALS + "test_a_wrong_key_is_refused_and_the_error_shows_no_secret",),
    "NF-002": (_CREDENTIALS + "test_no_repr_shows_a_key_or_signature",),
    "NF-007": (_LEASES + "test_a_file_lease_has_one_holder",),
    "NF-008": ("server/test_certificates.py::test_anything_older_is_refused",),
    "NF-009": ("client/test_connecting.py::test_each_kind_of_operation_has_its_own_timeout",),
    "NF-010": (_TRANSFERS + "test_a_range_size_that_the_service_cannot_take_is_refused",),
    "SC-001": (_CREDENTIALS + "test_no_repr_shows_a_key_or_signature",),
    "SC-002": (
        _CREDENTIALS + "test_no_repr_shows_a_key_or_signature",
        "core/test_redaction.py::test_whatever_stands_before_it_a_signature_never_survives",
    ),
    "SC-004": (_CREDENTIALS + "test_a_sas_ends_after_an_hour_unless_told_otherwise",),
    "SC-005": ("cassette/test_scrubbing.py::test_no_planted_secret_is_in_the_bytes_of_the_file",),
    "SC-003": (
        "core/test_address.py::test_a_connection_strings_repr_shows_no_secret",
        "core/test_address.py::test_a_malformed_connection_string_is_refused_with_the_reason_and_without_its_values",
    ),
    "AC-001": ("core/test_sas.py::test_least_privilege_is_the_default",),
    "AC-002": (_CREDENTIALS + "test_a_file_sas_reads_its_file_and_nothing_else",),
    "AC-003": ("client/test_clients.py::test_a_lease_client_shows_what_it_is_of_but_not_its_id",),
    "TS-001": ("server/test_certificates.py::test_anything_older_is_refused",),
    "TS-002": ("server/test_certificates.py::test_whoever_does_not_trust_the_authority_refuses_the_server",),
    "TS-003": ("client/test_connecting.py::test_plain_http_beyond_this_machine_is_taken_only_with_consent",),
}
