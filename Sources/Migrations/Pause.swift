// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Waiting in a program that has nothing else to do meanwhile.
package enum Pause {
    /// Blocks the thread for `duration`; a signal does not cut it short.
    package static func wait(_ duration: Duration) {
        let microseconds = Int(max(0, duration.microseconds))
        var remaining = timespec(tv_sec: microseconds / 1_000_000, tv_nsec: microseconds % 1_000_000 * 1000)
        var unslept = timespec()
        while nanosleep(&remaining, &unslept) == -1, errno == EINTR { remaining = unslept }
    }
}
