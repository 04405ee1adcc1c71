// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Logging

/// Becoming another release without a moment in which nobody is there.
extension Supervisor {
    /// Asks the installed program whether it could take this one's place.
    mutating func checkInstalledProgram() {
        guard selfCheck == nil, !table.isUpgrading else {
            apply(.upgradeRefused(reason: "an upgrade is in progress"))
            return
        }
        do {
            // The new release may want other settings than this one: it reads what the file says now.
            let file = try configuration.configurationFile.map(PinnedFile.init(copying:))
            let program = try PinnedProgram(path: configuration.installedProgram)
            selfCheck = try SelfCheck(
                program,
                arguments: configuration.selfCheckArguments,
                environment: WorkerEnvironment.make(configuration.environment, configurationFile: file),
                configurationFile: file
            )
            logger.info("checking the installed program", metadata: ["path": "\(configuration.installedProgram)"])
        } catch let error as SystemCallError {
            apply(.upgradeRefused(reason: "\(configuration.installedProgram) cannot be started: \(error.reason)"))
        } catch {
            apply(.upgradeRefused(reason: "\(error)"))
        }
    }

    /// Goes on with what the check said.
    mutating func finish(_ check: SelfCheck, _ termination: Termination) {
        var check = check
        selfCheck = nil
        do throws(SelfCheckRefusal) {
            let room = try check.report(termination).room
            // It counted the workers of the settings; signals may have asked for more.
            if let room, room < table.target {
                let reason = "the database has room for \(room) workers, and there are \(table.target)"
                throw SelfCheckRefusal(description: reason)
            }
            checkedProgram = check.program
            configurationFile = check.configurationFile
            table.room = room
            apply(.upgrade)
        } catch {
            apply(.upgradeRefused(reason: error.description))
        }
    }

    /// Becomes the program that all workers run by now; if that fails, this one goes on with them.
    mutating func replaceSelf() {
        guard let program = checkedProgram else { return }
        let handover = Handover(
            settings: settings,
            installedProgram: configuration.installedProgram,
            listener: listener,
            adminListener: adminListener,
            sharedMemory: descriptors.sharedMemory,
            logDescriptor: logFile?.descriptor,
            configurationFile: configurationFile?.descriptor,
            table: table.snapshot,
            controls: workers.mapValues(\.control)
        )
        do {
            try handover.execute(program, arguments: configuration.successorArguments)
        } catch {
            apply(.upgradeRefused(reason: "the workers are upgraded, the supervisor is not: \(error)"))
            notify(.ready)
        }
    }
}

extension WorkerTable {
    /// Whether workers are replaced by the installed program, or are about to be.
    fileprivate var isUpgrading: Bool {
        roll?.program == .installed || nextRoll?.program == .installed
    }
}
