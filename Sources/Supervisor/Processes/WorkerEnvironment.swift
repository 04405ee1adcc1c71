// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Glibc

/// What workers find in their environment.
package enum WorkerEnvironment {
    /// A crash must be reported quickly, since its worker is replaced only when it is gone, and must never wait for
    /// somebody at a terminal.
    private static let backtrace = (
        name: "SWIFT_BACKTRACE",
        value: "symbolicate=fast,interactive=no,color=no" + (backtracer.map { ",swift-backtrace=\($0)" } ?? "")
    )

    /// What writes crash reports, when it stands beside the program.
    ///
    /// Swift's runtime looks there too, but for what was started as a link of the system it looks beside the link.
    private static var backtracer: String? {
        let program = InstalledProgram.file(of: InstalledProgram.running)
        let path = program.prefix(through: program.lastIndex(of: "/") ?? program.startIndex) + "swift-backtrace"
        // A comma would end the path.
        return !path.contains(",") && access(String(path), X_OK) == 0 ? String(path) : nil
    }

    /// The given variables, or this process's own without those that are for the supervisor alone.
    ///
    /// What they say about backtraces stands; `configurationFile` stands for the file that they name.
    package static func make(_ variables: [String: String]?, configurationFile: PinnedFile? = nil) -> StringVector {
        let file = configurationFile.map { (name: SettingKey.configurationFile, value: $0.path) }
        guard var variables else {
            setenv(backtrace.name, backtrace.value, 0)
            let vector = StringVector.environment(without: ServiceEnvironment.names + [file?.name].compactMap(\.self))
            if let file { vector.append("\(file.name)=\(file.value)") }
            return vector
        }
        variables[backtrace.name] = variables[backtrace.name] ?? backtrace.value
        if let file { variables[file.name] = file.value }
        return StringVector(variables.sorted { $0.key < $1.key }.map { "\($0)=\($1)" })
    }
}
