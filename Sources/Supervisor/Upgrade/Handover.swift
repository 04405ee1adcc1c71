// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core

/// What a supervisor leaves to the release that takes its place: the same process goes on as another program.
///
/// The descriptors stay open, and the workers stay children of the same process.
package struct Handover: Hashable, Sendable {
    /// To be raised with every change that an earlier release could not read, or could not do without.
    package static let version: Int64 = 1

    /// The settings as they were last read: by now they may be wrong, and there is no way back.
    package var settings: SupervisorSettings
    /// Where the program was started from.
    package var installedProgram: String
    /// The public listener.
    package var listener: ListeningSocket
    /// Nil when operators are not served.
    package var adminListener: ListeningSocket?
    /// The descriptor of the memory that is shared with the workers.
    package var sharedMemory: Int32
    /// The descriptor of the log; nil for standard output.
    package var logDescriptor: Int32?
    /// The descriptor of the copy of the file that the settings were read from; nil when there is none.
    package var configurationFile: Int32?
    /// The workers, and how many there shall be.
    package var table: WorkerTable.Snapshot
    /// The supervisor's ends of the control sockets, by slot.
    package var controls: [Int: Int32]
    /// What the next program is run from: a script is opened again by its interpreter, and then nobody needs it.
    var program: Int32?

    package init(
        settings: SupervisorSettings,
        installedProgram: String,
        listener: ListeningSocket,
        adminListener: ListeningSocket?,
        sharedMemory: Int32,
        logDescriptor: Int32?,
        configurationFile: Int32? = nil,
        table: WorkerTable.Snapshot,
        controls: [Int: Int32]
    ) {
        self.settings = settings
        self.installedProgram = installedProgram
        self.listener = listener
        self.adminListener = adminListener
        self.sharedMemory = sharedMemory
        self.logDescriptor = logDescriptor
        self.configurationFile = configurationFile
        self.table = table
        self.controls = controls
    }

    /// Everything that has to stay open.
    package var descriptors: [Int32] {
        var all = [listener.descriptor, sharedMemory] + controls.values
        if let adminListener { all.append(adminListener.descriptor) }
        if let logDescriptor { all.append(logDescriptor) }
        if let configurationFile { all.append(configurationFile) }
        if let program { all.append(program) }
        return all
    }

    /// The log file; nil for standard output.
    package var logFile: LogFile? {
        guard let path = settings.logging.file, let logDescriptor else { return nil }
        return LogFile(path: path, descriptor: logDescriptor)
    }
}
