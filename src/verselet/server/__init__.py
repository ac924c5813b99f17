"""Put organization, Web API, pages and sign-in together and serve them.

In:        settings
Out:       `run`, `Application`
Not here:  what a request means (web), what the person at the terminal reads (cli)
"""
