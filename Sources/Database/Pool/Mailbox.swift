// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import CLinux
import Glibc
import Synchronization

/// How other threads reach the database thread: messages in an array that it takes as a whole, and an eventfd that is
/// written only when the thread may be asleep.
///
/// A request does not wake the thread at once when the callers' loop is known: the thread would send it alone, before the
/// next one is there. The loop wakes it once it has come to the end of what it had to do.
final class Mailbox: Sendable {
    /// Requests that wait for the loop at most: when it has more to do, the database has too.
    private static let patience = 8

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
        var loop: CallerLoop?
    }

    private enum Wake {
        case none
        case now
        case later(CallerLoop)
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
        let (isOpen, wake) = state.withLock { state -> (Bool, Wake) in
            guard state.isOpen else { return (false, .none) }
            state.messages.append(message)
            guard state.isSleeping else { return (true, .none) }
            if let loop = state.loop, case .request = message, state.messages.count < Self.patience {
                return (true, state.messages.count == 1 ? .later(loop) : .none)
            }
            state.isSleeping = false
            return (true, .now)
        }
        switch wake {
        case .none: break
        case .now: _ = clinux_eventfd_signal(descriptor)
        case .later(let loop): loop { self.wake() }
        }
        return isOpen
    }

    /// Wakes the thread if it sleeps.
    private func wake() {
        let wakes = state.withLock { state in
            defer { state.isSleeping = false }
            return state.isSleeping
        }
        if wakes { _ = clinux_eventfd_signal(descriptor) }
    }

    /// Lets messages in; `loop` is the one that those who leave requests run on, if they share one.
    func open(loop: CallerLoop?) {
        state.withLock { state in
            state.isOpen = true
            state.loop = loop
        }
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
