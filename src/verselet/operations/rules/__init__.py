"""The rules that writes keep: values, defaults, states, references, cascades.

In:        rows on their way to the store
Out:       rows that may be written, or refusals
Not here:  the messages that apply the rules (operations)
"""
