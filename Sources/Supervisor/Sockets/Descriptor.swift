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
        defer { close(descriptor) }
        return try duplicate(descriptor)
    }

    /// A second descriptor of the same, with a number from which it can be passed on.
    static func duplicate(_ descriptor: Int32) throws(SystemCallError) -> Int32 {
        let duplicate = fcntl(descriptor, F_DUPFD_CLOEXEC, lowestPassedOn)
        guard duplicate >= 0 else { throw SystemCallError("fcntl", code: errno) }
        return duplicate
    }

    /// Says whether a descriptor stays open when another program takes this one's place.
    static func set(isInherited: Bool, _ descriptor: Int32) throws(SystemCallError) {
        guard fcntl(descriptor, F_SETFD, isInherited ? 0 : FD_CLOEXEC) == 0 else {
            throw SystemCallError("fcntl", code: errno)
        }
    }
}
