import threading


def at_once(*calls):
    """Makes all calls at the same moment, each in a thread of its own; what they return, in their order."""
    barrier = threading.Barrier(len(calls))
    results = [None] * len(calls)

    def run(index, call):
        barrier.wait(timeout=30)
        results[index] = call()

    threads = [threading.Thread(target=run, args=pair, daemon=True) for pair in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
        assert not thread.is_alive(), "a call hangs"
    assert all(result is not None for result in results), "a call failed; its trace is above"
    return results
