// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import NIOCore

/// Runs a task on an event loop without ever leaving it.
///
/// NIO's executor for all of Swift concurrency runs each job as if the loop were an actor, so that every call of an
/// asynchronous function that belongs to no actor goes through the loop's queue again: 33 times in an answer to `/livez`.
/// A task that prefers this executor stays where it is, which saves about a third of the CPU time.
package final class EventLoopTaskExecutor: TaskExecutor {
    private let loop: any NIOCore.EventLoop

    /// An executor on `loop`.
    package init(_ loop: any NIOCore.EventLoop) {
        self.loop = loop
    }

    /// Runs a part of a task in a turn of the loop.
    package func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        let executor = asUnownedTaskExecutor()
        loop.execute { job.runSynchronously(on: executor) }
    }
}
