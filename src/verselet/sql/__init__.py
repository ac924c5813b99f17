"""How a plan is written as SQL.

In:        plans and changes
Out:       statements: text, order of parameters, result columns
Not here:  how they are run (store)
"""
