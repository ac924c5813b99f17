"""What is to be done.

In:        names and values, as the caller gave them
Out:       requests and responses, immutable
Not here:  how they run (pipeline) and what they do (operations)
"""
