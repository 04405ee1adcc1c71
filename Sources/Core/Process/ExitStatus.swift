// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

/// How the program's processes end (exit codes, after `sysexits.h` where it has one).
package enum ExitStatus: Int32, Sendable {
    case done = 0
    case failed = 1
    case usage = 2
    /// A setting is wrong; starting again without changing it cannot help.
    case badConfiguration = 64
    /// A defect in the program.
    case software = 70
    /// A worker whose supervisor is gone.
    case orphaned = 75
}
