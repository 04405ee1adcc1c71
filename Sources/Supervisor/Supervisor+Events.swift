// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Glibc
import Logging
import SharedMemory

/// What happens to the supervisor.
extension Supervisor {
    /// Takes in what workers say.
    mutating func readControls() {
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

    /// Takes in the signals that came.
    mutating func read(_ signals: SignalReader) throws(SystemCallError) {
        while let signal = try signals.next() {
            switch signal {
            case SIGTERM: apply(.terminate)
            case SIGQUIT: apply(.quit)
            case SIGINT: apply(.interrupt)
            case SIGHUP: reload()
            case SIGUSR1: reopenLogs()
            case SIGUSR2: checkInstalledProgram()
            case SIGTTIN: apply(.increase)
            case SIGTTOU: apply(.decrease)
            case SIGCHLD: continue
            default: logger.debug("signal without a meaning", metadata: ["signal": "\(signal)"])
            }
        }
    }

    /// Takes in which children have ended; one that nobody here started is a child all the same to process 1.
    mutating func reap() {
        var status: Int32 = 0
        var usage = rusage()
        while case let pid = wait4(-1, &status, WNOHANG, &usage), pid > 0 {
            guard let termination = Termination(waitStatus: status) else { continue }
            if let check = selfCheck, check.pid == pid {
                finish(check, termination)
                continue
            }
            if let slot = workers.first(where: { $0.value.pid == pid })?.key, var worker = workers[slot] {
                // What it said last counts: that it has drained, for one.
                readControls()
                metrics.count(ProcessUsage.processorTime(in: usage), of: &worker)
                worker.closeControl()
                workers.removeValue(forKey: slot)
                connected.remove(slot)
            }
            apply(.exited(pid: pid, termination))
        }
    }

    /// Writes down what this process is, for whoever asks a worker.
    func showItself(at now: MonotonicTime) {
        let shown = memory.supervisor
        shown.pid = getpid()
        // An upgrade in place goes on in the same process.
        shown.startedAt = shown.startedAt ?? now
        shown.generation = table.generation
    }

    /// What the workers look like from outside.
    func vitals() -> [Int: WorkerVitals] {
        var vitals: [Int: WorkerVitals] = [:]
        for slot in workers.keys {
            let shown = memory.slot(slot)
            let residentBytes = shown[.residentMemory]
            vitals[slot] = WorkerVitals(
                eventLoop: shown.heartbeat(.eventLoop),
                task: shown.heartbeat(.task),
                database: shown.heartbeat(.database),
                residentBytes: residentBytes == 0 ? nil : Int(clamping: residentBytes)
            )
        }
        return vitals
    }

    /// Reads the settings again; nothing changes unless all of them are good.
    private mutating func reload() {
        do {
            let file = try configuration.configurationFile.map(PinnedFile.init(copying:))
            let new = try configuration.readSettings(file?.path)
            let fixed = settings.fixedSettings(changedIn: new)
            guard fixed.isEmpty else {
                throw ConfigurationError(fixed.joined(separator: " and "), "cannot be changed without a restart")
            }
            let room = try countRoom(with: file)
            settings = new
            configurationFile = file
            table.policy = new.policy
            table.room = room
            logger = new.logging.makeLogger(label: "supervisor", to: logFile)
            apply(.reload(workers: new.workers))
        } catch {
            apply(.reloadRefused(reason: "\(error)"))
        }
    }

    /// How many workers the database has connections for with the settings in `file`; nil when that is not known.
    ///
    /// A child asks, since this process never opens the database. It is waited for: the next signal may be one that
    /// depends on the answer, and a database that hangs ends the wait, and refuses nothing.
    private func countRoom(with file: PinnedFile?) throws -> Int? {
        var check = try SelfCheck(
            nil,
            arguments: configuration.selfCheckArguments,
            environment: WorkerEnvironment.make(configuration.environment, configurationFile: file),
            configurationFile: file,
            patience: SelfCheck.shortPatience
        )
        let termination = try check.wait()
        do {
            return try check.report(termination).room
        } catch {
            guard error.isLate else { throw error }
            return nil
        }
    }

    private mutating func reopenLogs() {
        guard let logFile else {
            logger.info("the log goes to standard output; there is no file to reopen")
            return
        }
        do {
            try logFile.reopen()
            apply(.reopenLogs)
        } catch {
            logger.error("log file cannot be reopened", metadata: ["error": "\(error)"])
        }
    }
}
