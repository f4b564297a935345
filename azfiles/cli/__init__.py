"""The command line ``azfiles``: one module for each group of commands, which is imported when it is asked for.

A meeting place: it may use the client and the simulator, and nothing imports it. Commands return an exit status of
``azfiles.cli.exits``; what they raise of ours is told in one line.

click reads the arguments: it has no dependencies of its own, is typed, keeps a command an ordinary function, and finds
its groups when they are asked for. rich draws tables. Both come with the extra ``cli``.
"""
