// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import NIOCore
import NIOPosix

/// The worker's one event loop, which also runs all Swift concurrency: a request then never changes threads.
enum EventLoop {
    /// Makes the loop.
    ///
    /// Must be called before anything else uses NIO or starts a task.
    ///
    /// - Returns: the loop, and whether tasks run on it. If not, they run on Swift's own threads: all works, slower.
    static func make() -> (group: MultiThreadedEventLoopGroup, runsTasks: Bool) {
        NIOSingletons.groupLoopCountSuggestion = 1
        let runsTasks = NIOSingletons.unsafeTryInstallSingletonPosixEventLoopGroupAsConcurrencyGlobalExecutor()
        return (MultiThreadedEventLoopGroup.singleton, runsTasks)
    }
}
