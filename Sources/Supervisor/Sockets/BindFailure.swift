// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Glibc

/// Why a socket could not be opened, bound or set to listen, in the system's words.
struct BindFailure: Error {
    let reason: String
    /// Whether the address is another's.
    let isTaken: Bool

    init(reason: String) {
        self.reason = reason
        self.isTaken = false
    }

    init(errno code: Int32) {
        self.reason = String(cString: strerror(code))
        self.isTaken = code == EADDRINUSE
    }

    /// Throws the present `errno` unless a call succeeded; `descriptor` is closed then.
    static func check(_ result: Int32, closing descriptor: Int32) throws(BindFailure) {
        guard result < 0 else { return }
        let failure = BindFailure(errno: errno)
        close(descriptor)
        throw failure
    }
}
