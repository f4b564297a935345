"""Whole trees of directories and files: walked, transferred, brought into line, deleted.

What to do is decided apart from doing it. ``planning`` looks at both sides and gives steps, one after another, which are
values; ``items`` does one step; ``running`` has several of them done at once and keeps the account. So a dry run is a run
in which nothing is done, and steps can be pickled and done in other processes.
"""
