"""What a search asks, and which texts answer it.

In:        the text of a search, texts of rows
Out:       a tree of terms; which texts it finds, where, and how well
Not here:  which rows there are and who may see them (operations.searching), JSON (web.searching)
"""
