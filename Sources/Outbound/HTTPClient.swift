// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Synchronization

/// An HTTPS client on libcurl, for the few services that the operator configured: certificates checked, no redirects, no
/// proxy or credentials of the environment, every size and time limited.
///
/// All transfers run on one thread of its own, started by the first request: a process that never calls out has none,
/// and nothing of libcurl exists before a worker is a process of its own. The thread ends with the client.
package final class HTTPClient: HTTPTransport {
    private struct State {
        var mailbox: TransferMailbox?
        var lastID: UInt64 = 0
    }

    private let configuration: HTTPClientConfiguration
    private let state = Mutex(State())

    package init(_ configuration: HTTPClientConfiguration = HTTPClientConfiguration()) {
        self.configuration = configuration
    }

    deinit {
        state.withLock { $0.mailbox?.stop() }
    }

    /// Sends `request`; cancelling the task aborts the transfer.
    package func send(_ request: OutboundRequest) async throws(OutboundError) -> OutboundResponse {
        guard let (id, mailbox) = begin() else { throw OutboundError(.unavailable, origin: request.url.origin) }
        let request = request.traced
        let deadline = MonotonicTime.now() + configuration.totalTimeout
        let result: Result<OutboundResponse, OutboundError> = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let submission = Submission(id: id, request: request, deadline: deadline) {
                    continuation.resume(returning: $0)
                }
                guard mailbox.submit(submission) else { return submission.fail(.unavailable) }
                // The handler below may have run before there was anything to cancel.
                if Task.isCancelled { mailbox.cancel(id) }
            }
        } onCancel: {
            mailbox.cancel(id)
        }
        // The thread must not end before the answer is there.
        withExtendedLifetime(self) {}
        return try result.get()
    }

    /// A number for a request, and the mailbox of the thread, which is started if need be.
    private func begin() -> (id: UInt64, mailbox: TransferMailbox)? {
        state.withLock { state in
            state.lastID += 1
            if let mailbox = state.mailbox, mailbox.isOpen { return (state.lastID, mailbox) }
            let mailbox = TransferMailbox()
            let configuration = configuration
            guard DetachedThread.start({ TransferLoop.run(configuration, mailbox) }) else { return nil }
            state.mailbox = mailbox
            return (state.lastID, mailbox)
        }
    }
}
