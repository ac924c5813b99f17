"""Hold the built-in solutions: a folder each, with tables, choices, relationships and behaviour.

In:        nothing
Out:       folders that metadata.compiled loads by name
Not here:  how files are read (metadata.files)
"""
