// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import CLinux
import Core
import Glibc
import Logging

/// The process that binds the listener, starts workers on it, watches and replaces them, and ends them in order.
///
/// It serves nothing and never opens the database, so that what kills a worker cannot kill it. It has one thread, which
/// waits for signals, control messages and deadlines, and does what the ``WorkerTable`` decides. The process must have
/// no other thread: the signals are blocked in this one only.
package struct Supervisor {
    /// Where it listens; a port of 0 is replaced by the one that was free.
    package let address: ListenAddress

    private let configuration: SupervisorConfiguration
    private let logger: Logger
    private let listener: ListeningSocket
    private let environment: StringVector
    private var table: WorkerTable
    /// The workers by slot, until they are reaped.
    private var workers: [Int: WorkerProcess] = [:]
    /// The slots whose control socket can still be read.
    private var connected: Set<Int> = []
    private var outcome: ExitStatus?

    /// Listens, so that a bad address is known before anything runs.
    /// - Throws: ``ListenError``.
    package init(configuration: SupervisorConfiguration, logger: Logger) throws(ListenError) {
        self.configuration = configuration
        self.logger = logger
        listener = try ListeningSocket(configuration.listen)
        address = listener.address
        environment = WorkerEnvironment.make(configuration.environment)
        table = WorkerTable(
            workers: configuration.workers,
            maximumWorkers: configuration.workers,
            policy: configuration.policy
        )
    }

    /// Runs the workers until a signal or a hopeless start ends it, and answers how the process should exit.
    package mutating func run() -> ExitStatus {
        do {
            let signals = try SignalReader()
            defer { signals.close() }
            logger.notice("listening", metadata: ["address": "\(address)", "workers": "\(configuration.workers)"])
            apply(.tick)
            while outcome == nil {
                try wait(for: signals)
                readControls()
                try read(signals)
                reap()
                apply(.tick)
            }
        } catch {
            logger.critical("supervisor failed", metadata: ["error": "\(error)"])
        }
        return outcome ?? .software
    }

    private func wait(for signals: SignalReader) throws(SystemCallError) {
        let controls = connected.compactMap { workers[$0]?.control }
        var descriptors = ([signals.descriptor] + controls).map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
        let result = poll(&descriptors, nfds_t(descriptors.count), timeout())
        guard result >= 0 || errno == EINTR else { throw SystemCallError("poll", code: errno) }
    }

    /// Milliseconds until the next deadline, rounded up so that it has passed afterwards; -1 when there is none.
    private func timeout() -> Int32 {
        guard let deadline = table.nextDeadline else { return -1 }
        let remaining = (deadline - .now()) + .microseconds(999)
        return Int32(clamping: max(0, remaining.milliseconds))
    }

    private mutating func readControls() {
        for slot in connected.sorted() {
            reading: while let worker = workers[slot] {
                switch worker.receive() {
                case .message(let message?): apply(.received(message, slot: slot))
                case .message(nil): continue
                case .nothing: break reading
                case .endOfFile:
                    connected.remove(slot)
                    apply(.controlClosed(slot: slot))
                    break reading
                }
            }
        }
    }

    private mutating func read(_ signals: SignalReader) throws(SystemCallError) {
        while let signal = try signals.next() {
            switch signal {
            case SIGTERM, SIGQUIT, SIGHUP: apply(.terminate)
            case SIGINT: apply(.interrupt)
            case SIGCHLD: continue
            default: logger.debug("signal without a meaning", metadata: ["signal": "\(signal)"])
            }
        }
    }

    private mutating func reap() {
        var status: Int32 = 0
        while case let pid = waitpid(-1, &status, WNOHANG), pid > 0 {
            guard let termination = Termination(waitStatus: status) else { continue }
            if let slot = workers.first(where: { $0.value.pid == pid })?.key {
                workers.removeValue(forKey: slot)?.closeControl()
                connected.remove(slot)
            }
            apply(.exited(pid: pid, termination))
        }
    }

    private mutating func apply(_ event: WorkerTable.Event) {
        for action in table.handle(event, at: .now()) { perform(action) }
    }

    private mutating func perform(_ action: WorkerTable.Action) {
        switch action {
        case .spawn(let slot, _, _): spawn(slot: slot)
        case .send(let message, let slot):
            do {
                try workers[slot]?.send(message)
            } catch {
                logger.warning("worker cannot be told", metadata: ["slot": "\(slot)", "error": "\(error)"])
            }
        case .abort(let pid): Glibc.kill(pid, SIGABRT)
        case .clear, .stopReadiness, .replaceSelf, .notify: break
        case .kill(let pid): workers.values.first { $0.pid == pid }?.kill()
        case .closeListener: listener.close()
        case .log(let notice): notice.write(to: logger)
        case .exit(let status): outcome = status
        }
    }

    private mutating func spawn(slot: Int) {
        do {
            let worker = try WorkerProcess.spawn(
                configuration.executable,
                arguments: configuration.workerArguments(slot),
                environment: environment,
                listener: listener.descriptor
            )
            workers[slot] = worker
            connected.insert(slot)
            apply(.spawned(slot: slot, pid: worker.pid))
        } catch {
            apply(.spawnFailed(slot: slot, error))
        }
    }
}
