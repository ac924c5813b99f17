"""Hold the built-in solution `eventmanagement`: events, sessions, registrations and who comes.

In:        nothing
Out:       `solution.toml` and the files beside it
Not here:  how the files are read (metadata.files)
"""
