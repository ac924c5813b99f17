"""The OData language of queries.

In:        the text of a query option
Out:       the nodes of `query.tree`
Not here:  what the names mean (query.resolve)
"""
