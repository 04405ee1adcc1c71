// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import NIOCore

extension NIOCore.EventLoop {
    /// Lets a task wait on this loop.
    ///
    /// - Throws: An error, at once, when the task is cancelled.
    func sleep(for duration: Duration) async throws {
        let timer = scheduleTask(in: TimeAmount(duration)) {}
        try await withTaskCancellationHandler {
            try await timer.futureResult.get()
        } onCancel: {
            timer.cancel()
        }
    }
}
