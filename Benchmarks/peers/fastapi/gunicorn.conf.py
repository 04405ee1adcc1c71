"""Two processes, each with an event loop of its own (uvloop) and a parser in C (httptools). No access log."""

worker_class = "uvicorn_worker.UvicornWorker"
workers = 2
keepalive = 75
