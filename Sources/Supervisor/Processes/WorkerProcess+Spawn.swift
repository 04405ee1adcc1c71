// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import CLinux
import Core
import Glibc

extension WorkerProcess {
    /// Starts a worker with the descriptors of ``InheritedDescriptor`` and no others but 0, 1 and 2.
    ///
    /// - Parameters:
    ///   - executable: The program's file.
    ///   - arguments: Its arguments, the name first.
    ///   - environment: Its environment.
    ///   - descriptors: What it inherits.
    /// - Returns: The running worker.
    /// - Throws: ``SystemCallError``.
    package static func spawn(
        _ executable: String,
        arguments: [String],
        environment: StringVector,
        descriptors: WorkerDescriptors
    ) throws(SystemCallError) -> WorkerProcess {
        var pair: [Int32] = [-1, -1]
        try ChildProcess.check("socketpair", -clinux_socket_pair(&pair))
        let control = pair[0]
        do throws(SystemCallError) {
            let passedOn = try Descriptor.raise(pair[1])
            defer { close(passedOn) }
            let placed = descriptors.placed(control: passedOn)
            let pid = try ChildProcess.spawn(
                executable,
                arguments: arguments,
                environment: environment,
                descriptors: placed,
                firstClosed: placed.map(\.target).reduce(STDERR_FILENO, max) + 1
            )
            return WorkerProcess(pid: pid, control: control)
        } catch {
            close(control)
            throw error
        }
    }
}
