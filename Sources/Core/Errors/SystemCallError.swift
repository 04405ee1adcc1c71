// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// A system call that failed: which one, and the `errno` it left.
package struct SystemCallError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The call's name: `posix_spawn`.
    package let call: String
    /// Its `errno`.
    package let code: Int32

    package init(_ call: String, code: Int32) {
        self.call = call
        self.code = code
    }

    /// What the system calls the error: `Permission denied`.
    package var reason: String {
        String(cString: strerror(code))
    }

    package var description: String {
        "\(call): \(reason)"
    }
}
