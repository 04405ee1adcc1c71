// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import CCurl
import Core
import Synchronization

/// What other threads hand to the transfer thread.
///
/// It owns the right to wake that thread: the handle is in it only while waking is safe.
final class TransferMailbox: Sendable {
    struct Content {
        var submissions: [Submission] = []
        var cancellations: [UInt64] = []
        var isStopping = false
    }

    private struct State {
        var content = Content()
        var sleeper: Sleeper?
    }

    // @unchecked: curl_multi_wakeup is the one call of a multi handle that any thread may make (its manual page), and it
    // is made only under the lock, so never after ``close()`` has returned.
    private struct Sleeper: @unchecked Sendable {
        let multi: UnsafeMutableRawPointer
    }

    private let state = Mutex(State())

    /// Whether the thread still takes requests.
    var isOpen: Bool {
        state.withLock { !$0.content.isStopping }
    }

    /// False when the thread is gone or going; then nothing was taken.
    func submit(_ submission: Submission) -> Bool {
        change { content in
            guard !content.isStopping else { return false }
            content.submissions.append(submission)
            return true
        }
    }

    func cancel(_ id: UInt64) {
        change { $0.cancellations.append(id) }
    }

    func stop() {
        change { $0.isStopping = true }
    }

    private func change<Result: Sendable>(_ body: (inout Content) -> sending Result) -> Result {
        state.withLock { state in
            let result = body(&state.content)
            if let sleeper = state.sleeper { curl_multi_wakeup(sleeper.multi) }
            return result
        }
    }

    /// From now on every change wakes a `curl_multi_poll` of `multi`.
    func open(_ multi: UnsafeMutableRawPointer) {
        let sleeper = Sleeper(multi: multi)
        state.withLock { $0.sleeper = sleeper }
    }

    /// From now on nobody touches the multi handle, and nothing can be submitted; returns what was left.
    func close() -> Content {
        state.withLock { state in
            state.sleeper = nil
            state.content.isStopping = true
            return take(&state)
        }
    }

    /// Everything that has come since the last call.
    func take() -> Content {
        state.withLock { take(&$0) }
    }

    private func take(_ state: inout State) -> Content {
        let content = state.content
        state.content.submissions = []
        state.content.cancellations = []
        return content
    }
}
