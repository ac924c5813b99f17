"""The Web API: HTTP to messages and back.

In:        requests of HTTP
Out:       answers of HTTP
Not here:  what a message does (operations), who is calling (auth)
"""
