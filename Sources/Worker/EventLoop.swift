// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import CLinux
import NIOCore
import NIOPosix

/// The worker's one event loop, which also runs all Swift concurrency: a request then never changes threads.
enum EventLoop {
    private static let loop = MultiThreadedEventLoopGroup.singleton.next()

    /// Makes the loop.
    ///
    /// Must be called before anything else uses NIO or starts a task.
    ///
    /// - Returns: the loop, and whether tasks run on it. If not, they run on Swift's own threads: all works, slower.
    static func make() -> (loop: any NIOCore.EventLoop, runsTasks: Bool) {
        NIOSingletons.groupLoopCountSuggestion = 1
        // What NIO has for this looks for the runtime's hook by its name, which an executable that holds the runtime
        // itself does not show.
        let runsTasks = clinux_take_over_tasks { job in
            guard let job else { return }
            EventLoop.loop.executor.enqueue(ExecutorJob(unsafeBitCast(job, to: UnownedJob.self)))
        }
        return (loop, runsTasks)
    }
}
