"""The only place that touches data.

In:        statements and values
Out:       rows
Not here:  what the statements mean (sql), who may run them (security)
"""
