// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import CLinux
import Core
import Glibc
import Logging
import Synchronization

/// A worker's connection to its supervisor, and the guard of its end.
///
/// It waits in a thread of its own, which no event loop and no task can hold up: whatever hangs elsewhere, the worker is
/// gone when its time is over.
package final class SupervisorLink: Sendable {
    /// How long a worker lives on without its supervisor: any longer, a new one would find the port taken.
    package static let orphanDeadline = Duration.seconds(5)
    /// The drain deadline of a worker that got SIGTERM itself.
    private static let signalDeadline = Duration.seconds(25)
    /// How long past its drain deadline a worker may live; less than the supervisor allows.
    private static let drainGrace = Duration.seconds(2)

    private let control: Int32
    private let signals: Int32?
    private let orphanDeadline: Duration
    private let exit: @Sendable (ExitStatus) -> Void
    private let logger: Logger
    private let isReady = Atomic(false)

    /// - Parameters:
    ///   - control: The worker's end of the control socket.
    ///   - signals: What ``WorkerSignals/take()`` returned.
    ///   - orphanDeadline: How long the worker may live on without its supervisor.
    ///   - logger: The log.
    ///   - exit: Ends the process at once.
    package init(
        control: Int32 = InheritedDescriptor.control,
        signals: Int32?,
        orphanDeadline: Duration = SupervisorLink.orphanDeadline,
        logger: Logger,
        exit: @escaping @Sendable (ExitStatus) -> Void = { _exit($0.rawValue) }
    ) {
        self.control = control
        self.signals = signals
        self.orphanDeadline = orphanDeadline
        self.logger = logger
        self.exit = exit
    }

    /// Starts to listen to the supervisor.
    ///
    /// A worker that has not yet sent ``ControlMessage/ready(isDegraded:)`` has nothing to finish: it is ended at once,
    /// and neither function is called.
    /// - Parameters:
    ///   - onDrain: Is called once, when the worker shall stop accepting, finish what runs within the time given, and
    ///     exit. Past that time the process is ended.
    ///   - onReopenLogs: Is called when the log file was moved away.
    ///   - onOrphaned: Is called when the supervisor is gone. The worker shall do the same; in 5 seconds it is ended.
    /// - Throws: ``SystemCallError``.
    package func start(
        onDrain: @escaping @Sendable (Duration) -> Void,
        onReopenLogs: @escaping @Sendable () -> Void,
        onOrphaned: @escaping @Sendable () -> Void
    ) throws(SystemCallError) {
        // A crash reporter that is exec'd must not hide the worker's end from the supervisor.
        guard fcntl(control, F_SETFD, FD_CLOEXEC) == 0 else { throw SystemCallError("fcntl", code: errno) }
        try PlainThread.start(named: "supervisor-link") { [self] in
            exit(waitForEnd(onDrain: onDrain, onReopenLogs: onReopenLogs, onOrphaned: onOrphaned))
        }
    }

    /// Tells the supervisor something.
    ///
    /// A supervisor that is gone is noticed elsewhere, so a failure is only logged. Send ``ControlMessage/ready(isDegraded:)`` right before accepting starts.
    package func send(_ message: ControlMessage) {
        if case .ready = message { isReady.store(true, ordering: .sequentiallyConsistent) }
        let flags = Int32(MSG_DONTWAIT | MSG_NOSIGNAL)
        guard Glibc.send(control, message.bytes, ControlMessage.size, flags) < 0 else { return }
        logger.debug("supervisor cannot be told", metadata: ["error": "\(SystemCallError("send", code: errno))"])
    }

    /// Handles what comes until the worker must be ended; what it shall exit with.
    private func waitForEnd(
        onDrain: (Duration) -> Void,
        onReopenLogs: () -> Void,
        onOrphaned: () -> Void
    ) -> ExitStatus {
        var end: (at: MonotonicTime, status: ExitStatus)?
        var isDraining = false
        var isOrphaned = false
        while true {
            let now = MonotonicTime.now()
            if let end, end.at <= now { return end.status }
            switch nextEvent(isOrphaned: isOrphaned, timeout: end.map { $0.at - now }) {
            case .drain(let deadline)?:
                guard isReady.load(ordering: .sequentiallyConsistent) else { return .done }
                if isDraining || isOrphaned { continue }
                isDraining = true
                end = (.now() + deadline + Self.drainGrace, .failed)
                onDrain(deadline)
            case .reopenLogs?:
                onReopenLogs()
            case .endOfFile?:
                guard isReady.load(ordering: .sequentiallyConsistent) else { return .orphaned }
                isOrphaned = true
                let last = MonotonicTime.now() + orphanDeadline
                end = (min(last, end?.at ?? last), .orphaned)
                logger.warning("supervisor is gone")
                onOrphaned()
            case nil:
                continue
            }
        }
    }

    private enum LinkEvent {
        case drain(Duration)
        case reopenLogs
        case endOfFile
    }

    /// Waits for the next event; nil when the time is over or what came has no meaning.
    private func nextEvent(isOrphaned: Bool, timeout: Duration?) -> LinkEvent? {
        let milliseconds = timeout.map { Int32(clamping: ($0 + .microseconds(999)).milliseconds) }
        var descriptors = [
            pollfd(fd: isOrphaned ? -1 : control, events: Int16(POLLIN), revents: 0),
            pollfd(fd: signals ?? -1, events: Int16(POLLIN), revents: 0),
        ]
        guard poll(&descriptors, nfds_t(descriptors.count), milliseconds ?? -1) > 0 else { return nil }
        if let signals, descriptors[1].revents != 0 {
            switch clinux_read_signal(signals) {
            case SIGUSR1: return .reopenLogs
            case let number where number > 0: return .drain(Self.signalDeadline)
            default: break
            }
        }
        return descriptors[0].revents == 0 ? nil : receive()
    }

    private func receive() -> LinkEvent? {
        // One byte more than a message, so that a longer one is not taken for one.
        var buffer = [UInt8](repeating: 0, count: ControlMessage.size + 1)
        let size = recv(control, &buffer, buffer.count, Int32(MSG_DONTWAIT))
        if size > 0 {
            switch ControlMessage(bytes: buffer.prefix(size)) {
            case .drain(let deadline)?: return .drain(deadline)
            case .reopenLogs?: return .reopenLogs
            case .ready?, .drained?, nil: return nil
            }
        }
        return size < 0 && [EAGAIN, EINTR].contains(errno) ? nil : .endOfFile
    }
}
