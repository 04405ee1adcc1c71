// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Glibc

/// Counts a worker's connections and holds its acceptor back when it has enough.
///
/// An event loop that is stuck stops registering what it is handed. The gate then closes by itself, and the kernel gives
/// the next connections to a healthy worker.
package final class AcceptGate: @unchecked Sendable {
    // @unchecked: the two counters are read and written only with `mutex` held; the rest never changes.
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    private let hasChanged: UnsafeMutablePointer<pthread_cond_t>
    private let maximumUnregistered: Int
    private let maximumConnections: Int
    private var unregistered = 0
    private var connections = 0

    /// A gate that lets so many connections through at a time.
    package init(maximumUnregistered: Int, maximumConnections: Int) {
        self.maximumUnregistered = maximumUnregistered
        self.maximumConnections = maximumConnections
        mutex = .allocate(capacity: 1)
        mutex.initialize(to: pthread_mutex_t())
        pthread_mutex_init(mutex, nil)
        hasChanged = .allocate(capacity: 1)
        hasChanged.initialize(to: pthread_cond_t())
        var attributes = pthread_condattr_t()
        pthread_condattr_init(&attributes)
        pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        pthread_cond_init(hasChanged, &attributes)
        pthread_condattr_destroy(&attributes)
    }

    deinit {
        pthread_cond_destroy(hasChanged)
        hasChanged.deallocate()
        pthread_mutex_destroy(mutex)
        mutex.deallocate()
    }

    /// Waits until one more connection may be accepted, at most so long; false when that time is over.
    package func waitForRoom(atMost limit: Duration) -> Bool {
        let deadline = MonotonicTime.now() + limit
        var time = timespec(
            tv_sec: Int(deadline.nanoseconds / 1_000_000_000),
            tv_nsec: Int(deadline.nanoseconds % 1_000_000_000)
        )
        return locked {
            while unregistered >= maximumUnregistered || connections >= maximumConnections {
                if pthread_cond_timedwait(hasChanged, mutex, &time) == ETIMEDOUT { return false }
            }
            return true
        }
    }

    /// Whether as many connections are open as may be.
    package var isFull: Bool {
        locked { connections >= maximumConnections }
    }

    /// Counts a connection that was accepted and is about to be handed over.
    package func accepted() {
        locked {
            unregistered += 1
            connections += 1
        }
    }

    /// Counts a connection that is in the care of an event loop, or could not be put there.
    package func registered() {
        locked {
            unregistered -= 1
            pthread_cond_signal(hasChanged)
        }
    }

    /// Counts a connection that has ended.
    package func closed() {
        locked {
            connections -= 1
            pthread_cond_signal(hasChanged)
        }
    }

    private func locked<Result>(_ body: () -> Result) -> Result {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return body()
    }
}
