"""Calls of messages of one's own.

In:        an exchange, a custom API
Out:       an `Answer`
Not here:  the functions and actions of the service (web.functions, web.row_functions), reading the rows (operations)
"""
