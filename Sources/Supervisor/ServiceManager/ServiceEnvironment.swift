// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Glibc

/// What a service manager such as systemd says in the environment (sd_notify(3), sd_listen_fds(3), sd_watchdog_enabled(3)).
package struct ServiceEnvironment: Hashable, Sendable {
    private static let notifySocket = "NOTIFY_SOCKET"
    private static let watchdogTime = "WATCHDOG_USEC"
    private static let watchdogProcess = "WATCHDOG_PID"
    private static let socketCount = "LISTEN_FDS"
    private static let socketProcess = "LISTEN_PID"
    private static let socketNames = "LISTEN_FDNAMES"

    /// What is meant for the supervisor alone, and not for the processes that it starts.
    static let names = [notifySocket, watchdogTime, watchdogProcess, socketCount, socketProcess, socketNames]

    /// Where to send notifications to; nil when nobody waits for them.
    package let notifySocket: String?
    /// Within which time the service manager must hear something; nil when it does not wait.
    package let watchdog: Duration?
    /// The listening sockets that were handed in.
    package let sockets: ActivatedSockets

    /// - Parameters:
    ///   - process: The process id of this process: what was meant for another one does not count.
    ///   - value: The value of a variable; nil when it is not set.
    /// - Throws: ``ListenError`` when sockets were handed in that have no meaning.
    package init(process: Int32, value: (String) -> String?) throws(ListenError) {
        notifySocket = value(Self.notifySocket).flatMap { $0.hasPrefix("/") || $0.hasPrefix("@") ? $0 : nil }
        let isWatched = value(Self.watchdogProcess).map { $0 == "\(process)" } ?? true
        let microseconds = isWatched ? value(Self.watchdogTime).flatMap { Int64($0) } ?? 0 : 0
        watchdog = microseconds > 0 ? .microseconds(microseconds) : nil
        guard value(Self.socketProcess) == "\(process)", let count = value(Self.socketCount).flatMap({ Int32($0) })
        else {
            sockets = ActivatedSockets()
            return
        }
        sockets = try ActivatedSockets(count: count, names: value(Self.socketNames))
    }

    /// What this process was started with.
    ///
    /// The sockets are handed in once: nothing is said of them to what takes this program's place.
    /// - Throws: as ``init(process:value:)``.
    package static func ofProcess() throws(ListenError) -> ServiceEnvironment {
        let environment = try ServiceEnvironment(process: getpid()) { name in
            getenv(name).map { String(cString: $0) }
        }
        for name in [socketCount, socketProcess, socketNames] { unsetenv(name) }
        return environment
    }
}
