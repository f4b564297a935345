"""The simulator on a socket: HTTP and HTTPS, for clients of any kind. Needs the extra ``server``."""

from __future__ import annotations

from azfiles_sim.server.in_thread import ServedSimulator, serve_in_thread
from azfiles_sim.server.serving import HttpServer

__all__ = ["HttpServer", "ServedSimulator", "serve_in_thread"]
