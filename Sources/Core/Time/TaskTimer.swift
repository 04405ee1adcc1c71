// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// Lets tasks wait.
///
/// `Task.sleep` waits in libdispatch, whatever else runs tasks. It then keeps threads of its own, looks at them through
/// `/proc` every second, and ends the process when it can open no file there. So a process that has an event loop waits
/// on that instead, and outlives a want of descriptors.
package enum TaskTimer {
    /// Waits so long; throws when the task is cancelled.
    package typealias Wait = @Sendable (Duration) async throws -> Void

    /// Around the function, which a mutex of its own would wrap once more each time it is read.
    ///
    /// An `inout` of a generic type is written back, in another calling convention: each wait would pass through one
    /// function more than the one before, and keep the memory for it.
    private struct Timer {
        var wait: Wait
    }

    // Not task-local: in optimized code, Swift 6.2 crashes where a task-local value is a function.
    private static let timer = Mutex(Timer { try await Task.sleep(for: $0) })

    /// Lets all tasks of this process wait in this way from now on.
    package static func use(_ wait: @escaping Wait) {
        timer.withLock { $0.wait = wait }
    }

    /// Waits so long.
    ///
    /// - Throws: An error, at once, when the task is cancelled.
    package static func sleep(for duration: Duration) async throws {
        let wait = timer.withLock { $0.wait }
        try await wait(duration)
    }
}
