// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Synchronization

/// A time of day that stands still until a test moves it.
final class FixedClock: WallClock {
    private let instant = Mutex(Timestamp(seconds: 1_800_000_000))

    func now() -> Timestamp {
        instant.withLock { $0 }
    }

    func advance(by duration: Duration) {
        instant.withLock { $0 = $0 + duration }
    }
}
