"""Directories in directories, listings in pages and by prefix, moves, and what cannot be deleted or made."""

from __future__ import annotations

from refusals import refusal

import azfiles


def session(client: azfiles.ServiceClient) -> list[object]:
    """Do it, and return what the service told."""
    share = client.share("directories")
    share.create()
    told: list[object] = [refusal(share.directory("a/b").create)]
    for path in ("a", "a/b", "a/b/c", "a/\N{LATIN SMALL LETTER U WITH DIAERESIS}ber 100%"):
        share.directory(path).create()
    told += [refusal(share.directory("A").create)]
    for name in ("one.txt", "Two.txt", "three.log", "10", "9"):
        share.file(f"a/{name}").create(3)
    page = share.directory("a").list_page(page_size=3)
    told += [[entry.name for entry in page.entries], bool(page.next_marker)]
    told += [[entry.name for entry in share.directory("a").list(page_size=3)]]
    told += [[entry.name for entry in share.directory("a").list(prefix="t")]]
    told += [refusal(share.directory("a/b").delete), refusal(share.directory("a/x").delete)]
    share.file("a/one.txt").rename("a/b/c/moved.txt")
    told += [refusal(lambda: share.file("a/Two.txt").rename("a/b/c/moved.txt"))]
    share.file("a/Two.txt").rename("a/b/c/moved.txt", replace=True)
    share.directory("a/b").rename("elsewhere")
    told += [
        [entry.name for entry in share.root.list()],
        [entry.name for entry in share.directory("elsewhere/c").list()],
    ]
    told += [refusal(share.directory("a/b").get_properties), share.file("elsewhere/c/moved.txt").get_properties().size]
    share.delete()
    return told
