"""Hold the built-in solution `omnichannel`: conversations, sessions and what happens in them.

In:        nothing
Out:       `solution.toml` and the files beside it
Not here:  how the files are read (metadata.files)
"""
