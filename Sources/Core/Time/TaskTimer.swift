// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

/// Lets tasks wait.
///
/// `Task.sleep` waits in libdispatch, whatever else runs tasks. It then keeps threads of its own, looks at them through
/// `/proc` every second, and ends the process when it can open no file there. So a process that has an event loop waits
/// on that instead, and outlives a want of descriptors.
package enum TaskTimer {
    /// What waits; the tasks that a task starts inherit it.
    @TaskLocal package static var wait: @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) }

    /// Waits so long.
    ///
    /// - Throws: An error, at once, when the task is cancelled.
    package static func sleep(for duration: Duration) async throws {
        try await wait(duration)
    }
}
