"""Runners carry flows out: ``blocking`` in threads, ``asynchronous`` under asyncio or trio, ``seeded`` in one thread under
a virtual clock, its interleaving chosen by a number.
"""
