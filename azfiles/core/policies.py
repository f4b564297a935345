"""A share's stored access policies: Get Share ACL and Set Share ACL."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from azfiles.core import replies
from azfiles.core.arguments import MAX_POLICIES, check_policy_id, check_share_name, choose_letters, lease_header
from azfiles.core.documents import build_signed_identifiers, parse_signed_identifiers
from azfiles.core.operation import Kind, Operation
from azfiles.core.sas import SHARE_PERMISSIONS
from azfiles.errors import InvalidArgument
from azfiles.messages import Response
from azfiles.models import AccessPolicy, ShareAccessPolicy, ShareWritten, SignedIdentifier

_ACCESS_POLICY = (("restype", "share"), ("comp", "acl"))


def get_share_access_policy(share: str, *, lease_id: str | None = None) -> Operation[ShareAccessPolicy]:
    """The share's stored access policies (Get Share ACL)."""
    return Operation(
        name="Get Share ACL",
        kind=Kind.METADATA,
        method="GET",
        path=(check_share_name(share),),
        success=(200,),
        parse=_share_access_policy,
        query=_ACCESS_POLICY,
        headers=lease_header(lease_id),
    )


def set_share_access_policy(
    share: str, identifiers: Sequence[SignedIdentifier], *, lease_id: str | None = None
) -> Operation[ShareWritten]:
    """Replace the share's stored access policies, at most five; none clears them (Set Share ACL).

    The service may take half a minute until a change counts.
    """
    return Operation(
        name="Set Share ACL",
        kind=Kind.METADATA,
        method="PUT",
        path=(check_share_name(share),),
        success=(200,),
        parse=replies.share_written,
        query=_ACCESS_POLICY,
        headers=(("Content-Type", "application/xml"), *lease_header(lease_id)),
        body=(build_signed_identifiers(_checked_identifiers(identifiers)),),
    )


def _checked_identifiers(identifiers: Sequence[SignedIdentifier]) -> tuple[SignedIdentifier, ...]:
    if len(identifiers) > MAX_POLICIES:
        raise InvalidArgument(f"{len(identifiers)} access policies, {MAX_POLICIES} at most")
    if len({identifier.id for identifier in identifiers}) != len(identifiers):
        raise InvalidArgument("access policies: each id is expected once")
    return tuple(
        SignedIdentifier(check_policy_id(identifier.id), _in_order(identifier.policy)) for identifier in identifiers
    )


def _in_order(policy: AccessPolicy) -> AccessPolicy:
    """The letters of a policy in the order that the service wants."""
    if not policy.permissions:
        return policy
    return replace(policy, permissions=choose_letters("permissions", policy.permissions, SHARE_PERMISSIONS))


def _share_access_policy(response: Response) -> ShareAccessPolicy:
    headers = response.headers
    return ShareAccessPolicy(
        replies.etag(headers), replies.last_modified(headers), parse_signed_identifiers(response.body)
    )
