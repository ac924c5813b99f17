"""Show the organization to a person with a browser.

In:        an organization
Out:       pages, rendered on the server
Not here:  the Web API (web), how rows are read (operations): pages send messages like everybody else
"""
