"""Questions written out again.

In:        nodes of `query.tree`
Out:       text in one of the query languages
Not here:  reading such text (query.odata)
"""
