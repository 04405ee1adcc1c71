// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import NIOCore

/// The end of an event loop's turn: what was written in it leaves together.
///
/// First the lines of the log, so that whoever has an answer finds its line, and then the answers.
package final class LoopTurn {
    private let loop: any NIOCore.EventLoop
    private var connections: [ConnectionHandler] = []
    private var isScheduled = false

    /// Turns of `loop`.
    package init(_ loop: any NIOCore.EventLoop) {
        self.loop = loop
    }

    /// Has the answers that were written on `connection` sent.
    func flush(_ connection: ConnectionHandler) {
        connections.append(connection)
        schedule()
    }

    /// Has what waits written, also when there is nothing to be sent.
    func schedule() {
        guard !isScheduled else { return }
        isScheduled = true
        let bound = NIOLoopBound(self, eventLoop: loop)
        loop.execute { bound.value.end() }
    }

    private func end() {
        isScheduled = false
        LogOutput.flush()
        let connections = connections
        self.connections.removeAll(keepingCapacity: true)
        for connection in connections { connection.flush() }
    }
}
