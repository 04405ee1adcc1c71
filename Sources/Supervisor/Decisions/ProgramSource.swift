// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

/// Which file a worker is started from.
package enum ProgramSource: String, Hashable, Sendable {
    /// The program that the supervisor itself runs, even when its file was replaced since.
    case running
    /// What stands now where that program was started from.
    case installed
}
