"""Hold the built-in solution `platform`: users, units, roles, jobs, audit, messages, queues and currencies.

In:        nothing
Out:       `solution.toml` and the files beside it
Not here:  how the files are read (metadata.files)
"""
