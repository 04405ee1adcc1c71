// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Glibc

/// What workers find in their environment.
package enum WorkerEnvironment {
    /// A crash must be reported quickly, since its worker is replaced only when it is gone, and must never wait for
    /// somebody at a terminal.
    private static let backtrace = (name: "SWIFT_BACKTRACE", value: "symbolicate=fast,interactive=no,color=no")

    /// The given variables, or this process's own without those that are for the supervisor alone.
    ///
    /// What they say about backtraces stands.
    package static func make(_ variables: [String: String]?) -> StringVector {
        guard var variables else {
            setenv(backtrace.name, backtrace.value, 0)
            return .environment(without: ServiceEnvironment.names)
        }
        variables[backtrace.name] = variables[backtrace.name] ?? backtrace.value
        return StringVector(variables.sorted { $0.key < $1.key }.map { "\($0)=\($1)" })
    }
}
