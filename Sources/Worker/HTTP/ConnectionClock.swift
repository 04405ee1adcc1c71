// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import NIOCore

/// Looks at every connection of an event loop, twice a second, and ends those whose time is over.
///
/// One timer for all, and no look at a clock while a request is served. Time is counted in looks: while the loop or the
/// whole machine stands still no time passes, so that no client is cut for what the server did not read.
package final class ConnectionClock {
    static let interval = Duration.milliseconds(500)

    private let isShort: @Sendable () -> Bool
    private var connections: [ObjectIdentifier: ConnectionHandler] = [:]

    /// - Parameter isShort: Whether connections can be neither accepted nor kept any more, so that idle ones have to go.
    package init(isShort: @escaping @Sendable () -> Bool) {
        self.isShort = isShort
    }

    /// Starts a clock; it ends with the loop.
    ///
    /// - Parameters:
    ///   - loop: The loop of all connections that the clock will be told of.
    ///   - isShort: Whether idle connections have to make room for others.
    /// - Returns: The clock, for use on the loop.
    package static func start(
        on loop: any NIOCore.EventLoop,
        isShort: @escaping @Sendable () -> Bool
    ) -> NIOLoopBoundBox<ConnectionClock> {
        let clock = NIOLoopBoundBox.makeBoxSendingValue(ConnectionClock(isShort: isShort), eventLoop: loop)
        let interval = TimeAmount(Self.interval)
        loop.scheduleRepeatedTask(initialDelay: interval, delay: interval) { _ in clock.value.tick() }
        return clock
    }

    func insert(_ connection: ConnectionHandler) {
        connections[ObjectIdentifier(connection)] = connection
    }

    func remove(_ connection: ConnectionHandler) {
        connections[ObjectIdentifier(connection)] = nil
    }

    private func tick() {
        for connection in connections.values { connection.tick() }
        if isShort() { endLongestIdle() }
    }

    /// Ends the eighth that is idle for longest: enough to let others in, and not all at once.
    private func endLongestIdle() {
        let idle = connections.values.compactMap { connection in
            connection.idleTime.map { (connection: connection, time: $0) }
        }
        let spare = idle.filter { $0.time >= RequestLimits.minimumIdleTime }.sorted { $0.time > $1.time }
        for (connection, _) in spare.prefix(max(1, connections.count / 8)) { connection.endIdle() }
    }
}
