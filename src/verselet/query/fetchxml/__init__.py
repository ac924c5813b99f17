"""Read queries written in FetchXML.

In:        the XML text
Out:       `query.tabular` plans
Not here:  operators that other languages share (query.operators), SQL (sql.tabular)
"""
