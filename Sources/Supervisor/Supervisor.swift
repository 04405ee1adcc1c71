// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import CLinux
import Core
import Glibc
import Logging
import SharedMemory

/// The process that binds the listener, starts workers on it, watches and replaces them, and ends them in order.
///
/// It serves nothing and never opens the database, so that what kills a worker cannot kill it. It has one thread, which
/// waits for signals, control messages and deadlines, and does what the ``WorkerTable`` decides. The process must have
/// no other thread: the signals are blocked in this one only.
package struct Supervisor {
    let configuration: SupervisorConfiguration
    let listener: ListeningSocket
    let adminListener: ListeningSocket?
    let memory: SharedMemory
    /// What the workers inherit.
    let descriptors: WorkerDescriptors
    let logFile: LogFile?
    let notifier: ServiceNotifier?
    /// Whether this took over from an earlier supervisor.
    let isSuccessor: Bool
    var settings: SupervisorSettings
    /// The file that ``settings`` were read from.
    var configurationFile: PinnedFile?
    /// What the workers of each generation read, so that one that is started again reads the same.
    var configurationFiles: [Int: PinnedFile] = [:]
    var logger: Logger
    var table: WorkerTable
    /// The workers by slot, until they are reaped.
    var workers: [Int: WorkerProcess] = [:]
    /// The slots whose control socket can still be read.
    var connected: Set<Int> = []
    /// The program that was checked and that workers are started from during and after an upgrade.
    var checkedProgram: PinnedProgram?
    var selfCheck: SelfCheck?
    /// Whether the decisions ask for the installed program in this one's place.
    var isReplacementDue = false
    var outcome: ExitStatus?
    var metrics: SupervisorMetrics
    private var observation: Periodic
    private var watchdog: Periodic?

    /// Listens, so that a bad address is known before anything runs.
    ///
    /// An address that is taken is waited for: it may be that of the workers of a supervisor that was killed.
    /// - Parameters:
    ///   - settings: The operator's settings.
    ///   - configuration: What the program gives.
    ///   - room: How many workers the database has connections for; nil when that is not known.
    ///   - configurationFile: The file that the settings were read from.
    ///   - logFile: The log file; nil for standard output.
    /// - Throws: ``ListenError``, ``SharedMemoryError`` or ``SystemCallError``.
    package init(
        _ settings: SupervisorSettings,
        _ configuration: SupervisorConfiguration,
        room: Int?,
        configurationFile: PinnedFile?,
        logFile: LogFile?
    ) throws {
        let service = try ServiceEnvironment.ofProcess()
        let logger = settings.logging.makeLogger(label: "supervisor", to: logFile)
        let deadline = MonotonicTime.now() + ListeningSocket.patience
        func listen(on address: ListenAddress) throws(ListenError) -> ListeningSocket {
            try ListeningSocket.listen(on: address, waitingUntil: deadline) { error in
                let metadata: Logger.Metadata = ["address": "\(error.place)"]
                logger.warning("address already in use; waiting for it", metadata: metadata)
            }
        }
        let listener =
            try service.sockets.listener.map(ListeningSocket.init(activated:)) ?? listen(on: settings.listen)
        let admin =
            try service.sockets.adminListener.map(ListeningSocket.init(activated:))
            ?? settings.adminListen.map(listen)
        let table = WorkerTable(
            workers: settings.workers,
            maximumWorkers: settings.maximumWorkers,
            room: room,
            policy: settings.policy
        )
        let memory = try SharedMemory.create(slots: table.capacity, rateLimitBytes: configuration.rateLimitBytes)
        try self.init(settings, configuration, listener, admin, memory, table, logFile, service, isSuccessor: false)
        self.configurationFile = configurationFile
    }

    /// Goes on where the supervisor ended that ran in this process before.
    ///
    /// - Throws: ``SharedMemoryError``, ``ListenError`` or ``SystemCallError``.
    package init(_ handover: Handover, _ configuration: SupervisorConfiguration) throws {
        try self.init(
            handover.settings,
            configuration,
            handover.listener,
            handover.adminListener,
            SharedMemory(descriptor: handover.sharedMemory),
            WorkerTable(restoring: handover.table, policy: handover.settings.policy, at: .now()),
            handover.logFile,
            ServiceEnvironment.ofProcess(),
            isSuccessor: true
        )
        configurationFile = handover.configurationFile.map(PinnedFile.init(descriptor:))
        // The file was run by way of a descriptor, and without this the process would be called by its number.
        _ = clinux_set_thread_name("postern")
        for worker in handover.table.workers {
            guard let control = handover.controls[worker.slot] else { continue }
            var process = WorkerProcess(pid: worker.pid, control: control)
            process.countedTime = ProcessUsage.processorTime(of: worker.pid) ?? 0
            workers[worker.slot] = process
            connected.insert(worker.slot)
        }
    }

    private init(
        _ settings: SupervisorSettings,
        _ configuration: SupervisorConfiguration,
        _ listener: ListeningSocket,
        _ adminListener: ListeningSocket?,
        _ memory: SharedMemory,
        _ table: WorkerTable,
        _ logFile: LogFile?,
        _ service: ServiceEnvironment,
        isSuccessor: Bool
    ) throws {
        self.settings = settings
        self.configuration = configuration
        self.listener = listener
        self.adminListener = adminListener
        self.memory = memory
        self.table = table
        self.logFile = logFile
        self.isSuccessor = isSuccessor
        descriptors = WorkerDescriptors(
            listener: listener.descriptor,
            sharedMemory: try Descriptor.duplicate(memory.descriptor),
            adminListener: adminListener?.descriptor
        )
        notifier = try ServiceNotifier(service)
        logger = settings.logging.makeLogger(label: "supervisor", to: logFile)
        let now = MonotonicTime.now()
        metrics = SupervisorMetrics(memory, from: now)
        observation = Periodic(every: .seconds(1), from: now)
        // Twice as often as it is wanted, as sd_watchdog_enabled(3) advises.
        watchdog = service.watchdog.map { Periodic(every: $0 / 2, from: now) }
    }

    /// Runs the workers until a signal or a hopeless start ends it, and answers how the process should exit.
    package mutating func run() -> ExitStatus {
        do {
            let signals = try SignalReader()
            defer {
                signals.close()
                selfCheck?.kill()
            }
            announce()
            // What ended while one program took another's place is not signalled again.
            reap()
            apply(.tick)
            while outcome == nil {
                try wait(for: signals)
                readControls()
                selfCheck?.read()
                try read(signals)
                reap()
                look(at: .now())
                apply(.tick)
            }
        } catch {
            logger.critical("supervisor failed", metadata: ["error": "\(error)"])
        }
        return outcome ?? .software
    }

    private func announce() {
        guard !isSuccessor else {
            logger.notice("upgraded", metadata: ["version": "\(Release.version)"])
            notify(.ready)
            return
        }
        var metadata: Logger.Metadata = ["address": "\(listener.address)", "workers": "\(settings.workers)"]
        if let adminListener { metadata["admin"] = "\(adminListener.address)" }
        logger.notice("listening", metadata: metadata)
    }

    private func wait(for signals: SignalReader) throws(SystemCallError) {
        var watched = [signals.descriptor] + connected.compactMap { workers[$0]?.control }
        if let pipe = selfCheck?.pipe { watched.append(pipe) }
        var descriptors = watched.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
        let result = poll(&descriptors, nfds_t(descriptors.count), timeout())
        guard result >= 0 || errno == EINTR else { throw SystemCallError("poll", code: errno) }
    }

    /// Milliseconds until something is due, rounded up so that it has passed afterwards.
    private func timeout() -> Int32 {
        let deadlines = [table.nextDeadline, watchdog?.due, selfCheck?.deadline].compactMap(\.self)
        let next = deadlines.reduce(observation.due, min)
        let remaining = (next - .now()) + .microseconds(999)
        return Int32(clamping: max(0, remaining.milliseconds))
    }

    /// Does what is due at its time.
    private mutating func look(at now: MonotonicTime) {
        selfCheck?.enforceDeadline(at: now)
        if observation.isDue(at: now) {
            metrics.measure(&workers, at: now)
            apply(.observed(vitals()))
            showItself(at: now)
        }
        if watchdog?.isDue(at: now) == true, table.isAlive(at: now) { send(.watchdog) }
    }
}
