"""Read queries written as a SELECT.

In:        the text of `?sql=`
Out:       the same tree that FetchXML is read into (query.fetchxml.tree)
Not here:  the SQL that stores are asked in (sql), what the tree means (query.fetchxml.resolve)
"""
