// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Glibc
import Logging
import SharedMemory

/// What the supervisor does.
extension Supervisor {
    /// Asks for decisions about what happened, and does what they say.
    mutating func apply(_ event: WorkerTable.Event) {
        var events = [event]
        while !events.isEmpty {
            for action in table.handle(events.removeFirst(), at: .now()) {
                if let consequence = perform(action) { events.append(consequence) }
            }
        }
        // Only when everything else is done: nothing that follows would be.
        if isReplacementDue, outcome == nil {
            isReplacementDue = false
            replaceSelf()
        }
    }

    /// Does it, and answers what came of it if that has to be reported.
    private mutating func perform(_ action: WorkerTable.Action) -> WorkerTable.Event? {
        switch action {
        case .spawn(let slot, let generation, let program):
            return spawn(slot: slot, generation: generation, program)
        case .send(let message, let slot): send(message, to: slot)
        case .abort(let pid): signal(SIGABRT, to: pid)
        case .kill(let pid): signal(SIGKILL, to: pid)
        case .clear(let slot): memory.slot(slot).clearGauges()
        case .stopReadiness: memory.isStopping = true
        case .closeListener:
            listener.close()
            adminListener?.release()
        case .replaceSelf: isReplacementDue = true
        case .notify(let state): notify(state)
        case .log(let notice): notice.write(to: logger)
        case .count(let reason): metrics.count(reason)
        case .exit(let status): outcome = status
        }
        return nil
    }

    private mutating func spawn(slot: Int, generation: Int, _ program: ProgramSource) -> WorkerTable.Event {
        memory.slot(slot).prepare(generation: generation, at: .now())
        let executable =
            switch program {
            case .running: InstalledProgram.running
            case .installed: checkedProgram?.path ?? configuration.installedProgram
            }
        do throws(SystemCallError) {
            let worker = try WorkerProcess.spawn(
                executable,
                arguments: configuration.workerArguments(slot, generation),
                environment: environment(ofGeneration: generation),
                descriptors: descriptors
            )
            workers[slot] = worker
            connected.insert(slot)
            return .spawned(slot: slot, pid: worker.pid)
        } catch {
            memory.slot(slot).clearGauges()
            return .spawnFailed(slot: slot, error)
        }
    }

    /// What the workers of a generation find in their environment.
    private mutating func environment(ofGeneration generation: Int) -> StringVector {
        let file = configurationFiles[generation] ?? configurationFile
        configurationFiles[generation] = file
        // Nobody is started with older ones any more.
        configurationFiles = configurationFiles.filter { $0.key >= table.generation }
        return WorkerEnvironment.make(configuration.environment, configurationFile: file)
    }

    private func send(_ message: ControlMessage, to slot: Int) {
        do {
            try workers[slot]?.send(message)
        } catch {
            logger.warning("worker cannot be told", metadata: ["slot": "\(slot)", "error": "\(error)"])
        }
    }

    /// Only to a child that is not reaped yet: its number could be another's by now.
    private func signal(_ number: Int32, to pid: pid_t) {
        guard workers.values.contains(where: { $0.pid == pid }) else { return }
        kill(pid, number)
    }

    /// Tells the service manager what state the service is in.
    func notify(_ state: ServiceState) {
        send(.state(state, at: .now()))
    }

    /// Tells the service manager something, if there is one.
    func send(_ message: ServiceMessage) {
        do {
            try notifier?.send(message)
        } catch {
            logger.warning("service manager cannot be told", metadata: ["error": "\(error)"])
        }
    }
}
