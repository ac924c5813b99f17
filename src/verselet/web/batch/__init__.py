"""Requests in a request: `$batch`.

In:        a multipart body
Out:       a multipart body
Not here:  what the single requests mean (web.dispatch)
"""
