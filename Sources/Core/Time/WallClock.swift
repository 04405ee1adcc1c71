// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Where the time of day comes from.
///
/// Rules that depend on time take one, so that tests decide what time it is.
package protocol WallClock: Sendable {
    /// The present instant.
    func now() -> Timestamp
}

/// The operating system's clock.
package struct SystemClock: WallClock {
    package init() {}

    package func now() -> Timestamp {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(microseconds: Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000)
    }
}
