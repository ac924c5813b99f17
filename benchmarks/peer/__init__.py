"""A peer for orientation: what many would write for themselves, on the same rows.

In:        the rows of the measurements
Out:       the application (peer.app), what it is asked (peer.asked), the comparison (peer.compare)
Not here:  the product's own measurements
"""
