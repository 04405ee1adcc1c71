"""Two processes, each with an event loop of its own (uvloop) and a parser in C (httptools). No access log."""

worker_class = "uvicorn_worker.UvicornWorker"
workers = 2
keepalive = 75
# A listening socket for each worker. Of a common one the first that wakes takes all connections that it finds, sometimes
# all there are.
reuse_port = True
