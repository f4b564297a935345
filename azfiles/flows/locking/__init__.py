"""Locks that outlive a crash: of files, by an infinite lease, a companion file and a heartbeat; of shares, by a lease with
an end that is renewed. What they promise and what not is in ``docs/locks.md``.
"""
