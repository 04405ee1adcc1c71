// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import CLinux
import Glibc

/// An epoll descriptor and the events it last gave.
///
/// Only one thread may use it.
// Sendable, for the caller of `start()` makes it and hands it over to the database thread, which alone uses it then.
final class Poller: @unchecked Sendable {
    private static let capacity = 64
    /// The token of the mailbox's events; connections have others.
    static let mailboxToken = UInt64.max

    private let descriptor: Int32
    private var buffer = [clinux_epoll_event](repeating: clinux_epoll_event(), count: capacity)

    /// Watches `mailbox`, an eventfd, from the start.
    init(mailbox: Int32) throws(DatabaseError) {
        descriptor = clinux_epoll_create()
        guard watch(mailbox, reading: true, writing: false, token: Self.mailboxToken) else {
            throw DatabaseError(.unavailable, detail: "the system has no descriptor left")
        }
    }

    deinit {
        close(descriptor)
    }

    /// Watches a descriptor from now on, or changes what for; false when the system refuses.
    func watch(_ watched: Int32, reading: Bool, writing: Bool, token: UInt64) -> Bool {
        clinux_epoll_watch(descriptor, watched, reading, writing, token) >= 0
    }

    /// Waits at most `milliseconds`, or for ever when negative, and gives what is ready.
    func wait(milliseconds: Int32) -> ArraySlice<clinux_epoll_event> {
        let count = clinux_epoll_wait(descriptor, &buffer, Int32(Self.capacity), milliseconds)
        return buffer.prefix(Int(max(0, count)))
    }
}
