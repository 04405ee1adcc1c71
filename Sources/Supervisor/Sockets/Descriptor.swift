// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Glibc

/// Operations on file descriptors.
enum Descriptor {
    /// Far above the numbers at which a worker finds its descriptors, so that putting one into place never overwrites
    /// another that is still to be put.
    private static let lowestPassedOn: Int32 = 100

    /// Gives a descriptor a number from which it can be passed on; the old number is closed in any case.
    static func raise(_ descriptor: Int32) throws(SystemCallError) -> Int32 {
        let raised = fcntl(descriptor, F_DUPFD_CLOEXEC, lowestPassedOn)
        let code = errno
        close(descriptor)
        guard raised >= 0 else { throw SystemCallError("fcntl", code: code) }
        return raised
    }
}
