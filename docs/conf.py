"""How ``make docs`` builds the site: Sphinx reads the Markdown pages of this folder, and the docstrings."""

from __future__ import annotations

import importlib.metadata
import inspect
import posixpath
import re
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from docutils import nodes

import azfiles
from azfiles.clients.descriptors import Awaiting, Blocking

sys.path.insert(0, str(Path(__file__).parent))

project = "azfiles"
author = "the azfiles authors"
copyright = author  # noqa: A001 - Sphinx's name for it
release = importlib.metadata.version("azfiles-toolkit")

extensions = ["myst_parser", "sphinx.ext.autodoc"]
source_suffix = {".md": "markdown"}
exclude_patterns = ["_build", "demo", "examples"]
html_theme = "furo"
html_title = "azfiles"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_copy_source = False
html_show_sphinx = False
html_show_copyright = False
html_domain_indices = False
html_theme_options = {"navigation_with_keys": True, "top_of_page_buttons": []}
# Light and dark, both with a contrast of 4.5 or more (WCAG AA) for code.
pygments_style = "a11y-light"
pygments_dark_style = "a11y-dark"

# Links to headings are checked as links to pages are: what leads nowhere is a warning, and so an error.
myst_heading_anchors = 3
myst_enable_extensions = ["colon_fence"]

autodoc_default_options = {"members": True}
autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_typehints_format = "short"
autodoc_preserve_defaults = True
python_maximum_signature_line_length = 100
python_use_unqualified_type_names = True
add_module_names = False
highlight_language = "text"


def _as_function(operation: Any, *, awaited: bool) -> Callable[..., Any]:
    """A function of an operation's name, signature and documentation: autodoc takes a descriptor for an attribute."""

    async def coroutine(*_: Any, **__: Any) -> None: ...

    def method(*_: Any, **__: Any) -> None: ...

    signature: inspect.Signature = operation.__signature__
    iterates = str(signature.return_annotation).startswith("Iterator[")
    function = coroutine if awaited and not iterates else method
    function.__annotations__ = {}  # the signature has them
    for name in ("__name__", "__qualname__", "__module__", "__doc__"):
        setattr(function, name, getattr(operation, name))
    if awaited and iterates:
        signature = signature.replace(return_annotation=f"Async{signature.return_annotation}")
    function.__signature__ = signature  # type: ignore[attr-defined]  # what inspect.signature reads
    return function


def _show_operations_as_methods() -> None:
    """Give each client class all of its methods, whichever class they come from, as functions."""
    for name in azfiles.__all__:
        client = getattr(azfiles, name)
        if isinstance(client, type) and issubclass(client, (Blocking, Awaiting)):
            for member in (one for one in dir(client) if not one.startswith("_") and one not in vars(client)):
                found = inspect.getattr_static(client, member)
                if callable(found) and hasattr(found, "__signature__"):
                    found = _as_function(found, awaited=issubclass(client, Awaiting))
                if inspect.isfunction(found) or isinstance(found, property):
                    setattr(client, member, found)


_FENCE = re.compile(r"^```\w*\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_TABLE = re.compile(r"^\|.*\|\n\|[-|]+\|\n(?:\|.*\|\n?)+", re.MULTILINE)


def _list_table(table: re.Match[str]) -> str:
    head, _, *rows = table[0].strip().splitlines()
    told = "".join(
        f"   {'*' if place == 0 else ' '} - {cell.strip()}\n"
        for row in (head, *rows)
        for place, cell in enumerate(row.strip("|").split("|"))
    )
    return f"\n.. list-table::\n   :header-rows: 1\n\n{told}\n"


def _read_markdown(*arguments: Any) -> None:
    """Docstrings are reStructuredText, but for fences and tables as in Markdown, which read better in ``help()``."""
    lines: list[str] = arguments[-1]
    text = _FENCE.sub(lambda block: "::\n\n" + re.sub("(?m)^", "    ", block[1]).rstrip() + "\n", "\n".join(lines))
    lines[:] = _TABLE.sub(_list_table, text).split("\n")


def _name_pages_by_title(app: Any, doctree: nodes.document, page: str) -> None:
    """Where a link's text is the name of a page's file, as it reads best in a repository, show the page's title."""
    for link in doctree.findall(nodes.reference):
        text = link.astext()
        if link.get("internal") and text.endswith(".md"):
            target = posixpath.normpath(posixpath.join(posixpath.dirname(page), link["refuri"].partition(".html")[0]))
            title = app.env.titles[target].astext().partition(":")[0]
            link.children = [nodes.inline(text=title)]


def _hide_how_clients_are_made(
    _app: Any, _what: str, _name: str, found: Any, _options: Any, signature: str | None, result: str | None
) -> tuple[str | None, str | None]:
    """Clients come from ``connect`` and from each other; what their classes take is no business of a reader's."""
    made_by_us = isinstance(found, type) and issubclass(found, (Blocking, Awaiting, azfiles.HeldShareLock))
    return ("", None) if made_by_us else (signature, result)


def setup(app: Any) -> Mapping[str, bool]:
    _show_operations_as_methods()
    app.connect("autodoc-process-docstring", _read_markdown)
    app.connect("autodoc-process-signature", _hide_how_clients_are_made)
    app.connect("doctree-resolved", _name_pages_by_title)
    return {"parallel_read_safe": True}
