// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import CLinux

/// How a process ended.
package enum Termination: Hashable, Sendable {
    case exited(code: Int32)
    case killed(signal: Int32)

    /// What `waitpid` told; nil when the process was not ended but stopped or continued.
    package init?(waitStatus: Int32) {
        if clinux_has_exited(waitStatus) {
            self = .exited(code: clinux_exit_code(waitStatus))
        } else {
            let signal = clinux_termination_signal(waitStatus)
            guard signal != 0 else { return nil }
            self = .killed(signal: signal)
        }
    }
}

extension Termination: CustomStringConvertible {
    package var description: String {
        switch self {
        case .exited(let code): "exited with status \(code)"
        case .killed(let signal): "was ended by signal \(signal)"
        }
    }
}
