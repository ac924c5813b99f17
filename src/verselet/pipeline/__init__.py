"""How a message runs.

In:        a request and its caller
Out:       a response, after every stage
Not here:  what a message does (operations)
"""
