"""Hold the built-in solution `activities`: accounts, contacts, notes and activities.

In:        nothing
Out:       `solution.toml` and the files beside it
Not here:  how the files are read (metadata.files)
"""
