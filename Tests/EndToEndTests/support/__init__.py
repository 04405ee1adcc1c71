"""What the end-to-end tests share: servers to start, and clients to talk to them."""
