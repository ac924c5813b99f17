"""The search over several tables.

In:        an exchange
Out:       an `Answer`
Not here:  finding rows (operations.searching)
"""
