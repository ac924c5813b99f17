"""Say a question of one query language in another.

In:        the trees that the parsers make (query.tree, query.fetchxml.tree)
Out:       the other tree, with the same answer; what cannot be said is refused by name
Not here:  texts (query.printers), plans (query.resolve, query.fetchxml.resolve)
"""
