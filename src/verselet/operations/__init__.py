"""What each message does.

In:        an execution
Out:       its response
Not here:  who may (security), and the order of the stages (pipeline)
"""
