// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import NIOCore
import SharedMemory

/// Shows once a second that nothing of a worker is stuck: each sign comes from what could be.
///
/// The database thread gives its own, see ``DatabasePool/start(observer:)``.
struct Heartbeats: Sendable {
    private static let interval = Duration.seconds(1)

    private let task: Task<Void, Never>

    /// Starts them.
    ///
    /// - Parameters:
    ///   - slot: Where they are shown.
    ///   - loop: The event loop.
    ///   - onBeat: Is called by the event loop with each of its signs.
    init(_ slot: ScoreboardSlot, on loop: any NIOCore.EventLoop, onBeat: @escaping @Sendable () -> Void) {
        loop.scheduleRepeatedTask(initialDelay: .zero, delay: TimeAmount(Self.interval)) { _ in
            slot.beat(.eventLoop)
            onBeat()
        }
        task = Task {
            while !Task.isCancelled {
                slot.beat(.task)
                try? await TaskTimer.sleep(for: Self.interval)
            }
        }
    }

    /// Ends the task's; the event loop's end with it.
    func stop() {
        task.cancel()
    }
}
