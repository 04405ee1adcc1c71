// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import CLinux
import Glibc
import Synchronization

/// How other threads reach the database thread: messages in an array that it takes as a whole, and an eventfd that is
/// written only when the thread may be asleep.
final class Mailbox: Sendable {
    enum Message: Sendable {
        case request(Request)
        /// The task of the request with this number was cancelled.
        case cancel(UInt64)
        case connectionWaiter(ConnectionWaiter)
        case shutdown(CheckedContinuation<Void, Never>?)
    }

    private struct State {
        var messages: [Message] = []
        var isOpen = false
        var isSleeping = false
    }

    /// Readable when the thread has to look into the mailbox; negative when the system has no descriptor left.
    let descriptor = clinux_eventfd_create()
    private let state = Mutex(State())

    deinit {
        // Not before: who posts a message writes to the descriptor outside the lock.
        Glibc.close(descriptor)
    }

    /// Leaves a message; false when nobody will ever take it.
    @discardableResult
    func post(_ message: Message) -> Bool {
        let (isOpen, wakes) = state.withLock { state in
            guard state.isOpen else { return (false, false) }
            state.messages.append(message)
            let wakes = state.isSleeping
            state.isSleeping = false
            return (true, wakes)
        }
        if wakes { _ = clinux_eventfd_signal(descriptor) }
        return isOpen
    }

    /// Lets messages in.
    func open() {
        state.withLock { $0.isOpen = true }
    }

    /// Lets no more messages in, and gives the last ones.
    func close() -> [Message] {
        state.withLock { state in
            state.isOpen = false
            defer { state.messages = [] }
            return state.messages
        }
    }

    /// Takes all messages in exchange for `messages`, an empty array whose memory the next ones use.
    func exchange(_ messages: inout [Message]) {
        state.withLock { swap(&$0.messages, &messages) }
    }

    /// Announces that the database thread is going to sleep; false when there are messages, so that it must not.
    func prepareToSleep() -> Bool {
        state.withLock { state in
            state.isSleeping = state.messages.isEmpty
            return state.isSleeping
        }
    }

    /// Notes that the database thread is awake: nobody needs to wake it.
    func didWake() {
        state.withLock { $0.isSleeping = false }
    }
}
