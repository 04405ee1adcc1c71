// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import CLinux
import Core
import Glibc
import Logging
import Synchronization

/// Takes connections from the shared listener, in a thread of its own that waits in a blocking `accept4`.
///
/// The kernel wakes such threads in turn, which spreads connections evenly over the workers; with epoll some starve. The
/// listener is shared with other processes, so it is never set to non-blocking and never shut down, only closed.
package final class ConnectionAcceptor: Sendable {
    private struct State {
        var isRunning = false
        /// The thread that accepts, while it runs.
        var thread: pthread_t?
        /// When a stop was asked for first.
        var stopRequested: MonotonicTime?
        /// Whether the listener has to be closed at once.
        var isUrgent = false
        var stopWaiters: [CheckedContinuation<Void, Never>] = []
    }

    /// How long one wait for a connection lasts.
    private static let patience = Duration.milliseconds(200)
    /// How long after a stop connections are taken at most, should they not cease to come.
    private static let stopLimits = (usual: Duration.seconds(1), urgent: Duration.milliseconds(50))
    /// Ends a wait in the kernel: closing the listener would not, for `accept` holds on to it.
    ///
    /// Should it come right before the wait begins, the wait lasts as long as any other.
    private static let wakeUp = SIGURG
    private static let pauses = (first: Duration.milliseconds(50), longest: Duration.seconds(1))

    private let listener: Int32
    private let gate: AcceptGate
    private let onShortage: @Sendable () -> Void
    private let logger: Logger
    private let state = Mutex(State())
    /// How often a connection could not be taken for want of descriptors or memory, since one last could.
    private let failures = Atomic(0)

    /// - Parameters:
    ///   - listener: The listening socket; the acceptor closes it when it has stopped.
    ///   - maximumConnections: How many connections may be open; the next wait in the kernel, for any worker.
    ///   - maximumUnregistered: How many connections may be handed over and not yet ``registered()``.
    ///   - onShortage: Is called whenever a connection cannot be taken for want of descriptors or memory.
    ///   - logger: The log.
    package init(
        listener: Int32 = InheritedDescriptor.listener,
        maximumConnections: Int,
        maximumUnregistered: Int = 4,
        onShortage: @escaping @Sendable () -> Void = {},
        logger: Logger
    ) {
        self.listener = listener
        self.gate = AcceptGate(maximumUnregistered: maximumUnregistered, maximumConnections: maximumConnections)
        self.onShortage = onShortage
        self.logger = logger
    }

    /// Starts accepting; if it was stopped before, it only closes the listener.
    ///
    /// - Parameters:
    ///   - handOver: Gets each connection's descriptor (close-on-exec, non-blocking), which is its to close. It runs in
    ///     the acceptor's thread and must not block. For each descriptor there must follow one ``registered()``, whether
    ///     registering worked or not, and one ``closed()``.
    ///   - onFailure: Is told when the listener is of no use any more; the worker should then exit.
    /// - Throws: ``SystemCallError`` when the descriptor is no socket or no thread can be made.
    package func start(
        handOver: @escaping @Sendable (Int32) -> Void,
        onFailure: @escaping @Sendable (SystemCallError) -> Void
    ) throws(SystemCallError) {
        try prepareListener()
        // A signal that is ignored, as this one usually is, interrupts nothing.
        signal(Self.wakeUp) { _ in }
        let isWanted = state.withLock { state in
            state.isRunning = state.stopRequested == nil
            return state.isRunning
        }
        guard isWanted else {
            close(listener)
            return
        }
        do throws(SystemCallError) {
            try PlainThread.start(named: "accept") { [self] in
                state.withLock { $0.thread = pthread_self() }
                let failure = acceptUntilStopped(handOver: handOver)
                close(listener)
                let waiters = state.withLock { state in
                    state.isRunning = false
                    state.thread = nil
                    defer { state.stopWaiters = [] }
                    return state.stopWaiters
                }
                for waiter in waiters { waiter.resume() }
                if let failure { onFailure(failure) }
            }
        } catch {
            state.withLock { $0.isRunning = false }
            throw error
        }
    }

    /// Stops accepting and closes this process's copy of the listener; returns when that is done.
    ///
    /// What already waits in the listener's queue is still taken, until none has come for 200 ms, at most a second long:
    /// when all workers stop, nobody else would serve it, and closing the last copy would reset it.
    package func stop() async {
        requestStop()
        await withCheckedContinuation { continuation in
            let isRunning = state.withLock { state in
                if state.isRunning { state.stopWaiters.append(continuation) }
                return state.isRunning
            }
            if !isRunning { continuation.resume() }
        }
    }

    /// Lets the acceptor stop, without waiting for it.
    ///
    /// - Parameter isUrgent: Whether only what waits in the listener's queue now is still taken, because somebody else
    ///   needs the address.
    package func requestStop(isUrgent: Bool = false) {
        state.withLock { state in
            state.stopRequested = state.stopRequested ?? .now()
            state.isUrgent = state.isUrgent || isUrgent
            if let thread = state.thread { pthread_kill(thread, Self.wakeUp) }
        }
    }

    /// Whether no more connections can be taken, because of the limit or for want of descriptors or memory.
    package var isShort: Bool {
        gate.isFull || failures.load(ordering: .relaxed) > 0
    }

    /// Says that a connection that was handed over is in the care of an event loop, or could not be put there.
    package func registered() {
        gate.registered()
    }

    /// Says that a connection that was handed over is closed.
    package func closed() {
        gate.closed()
    }

    private func prepareListener() throws(SystemCallError) {
        // A crash reporter that is exec'd must not keep the port open.
        guard fcntl(listener, F_SETFD, FD_CLOEXEC) == 0 else { throw SystemCallError("fcntl", code: errno) }
        let flags = fcntl(listener, F_GETFL)
        guard flags >= 0, fcntl(listener, F_SETFL, flags & ~O_NONBLOCK) == 0 else {
            throw SystemCallError("fcntl", code: errno)
        }
        var patience = timeval(tv_sec: 0, tv_usec: Int(Self.patience.microseconds))
        let size = socklen_t(MemoryLayout<timeval>.size)
        guard setsockopt(listener, SOL_SOCKET, SO_RCVTIMEO, &patience, size) == 0 else {
            throw SystemCallError("setsockopt", code: errno)
        }
    }

    /// The error that ended it, if it was not a stop.
    private func acceptUntilStopped(handOver: (Int32) -> Void) -> SystemCallError? {
        var pause = Self.pauses.first
        while true {
            let (stopRequested, isUrgent) = state.withLock { ($0.stopRequested, $0.isUrgent) }
            if let stopRequested {
                let limit = isUrgent ? Self.stopLimits.urgent : Self.stopLimits.usual
                if .now() - stopRequested >= limit || isUrgent && !isAnyoneQueued { return nil }
            }
            guard gate.waitForRoom(atMost: Self.patience) else { continue }

            let result = clinux_accept(listener)
            if result >= 0 {
                pause = Self.pauses.first
                endShortage()
                gate.accepted()
                handOver(result)
                continue
            }
            switch AcceptErrorClass(errno: -result) {
            case .timeout:
                // The kernel takes a descriptor before it waits, so there was one.
                endShortage()
                // Only a wait that began after the request shows that the queue is empty for good.
                if stopRequested != nil { return nil }
            case .transient:
                continue
            case .exhausted:
                noteFailure(SystemCallError("accept4", code: -result))
                usleep(UInt32(pause.microseconds))
                pause = min(pause * 2, Self.pauses.longest)
            case .fatal:
                return SystemCallError("accept4", code: -result)
            }
        }
    }

    private var isAnyoneQueued: Bool {
        var queue = pollfd(fd: listener, events: Int16(POLLIN), revents: 0)
        return poll(&queue, 1, 0) > 0
    }

    /// A log line for each try would fill a disk on top of it all.
    private func noteFailure(_ error: SystemCallError) {
        onShortage()
        guard failures.add(1, ordering: .relaxed).oldValue == 0 else { return }
        logger.warning("out of resources for connections", metadata: ["error": "\(error)"])
    }

    private func endShortage() {
        let count = failures.exchange(0, ordering: .relaxed)
        guard count > 0 else { return }
        logger.info("connections are taken again", metadata: ["failures": "\(count)"])
    }
}
