// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Synchronization

/// A time that stands still until a test moves it.
final class FakeTime: WallClock {
    private let elapsed = Mutex(Duration.zero)

    func now() -> Timestamp {
        Timestamp(seconds: 1_800_000_000) + elapsed.withLock { $0 }
    }

    func monotonic() -> MonotonicTime {
        MonotonicTime(nanoseconds: 0) + elapsed.withLock { $0 }
    }

    func advance(by duration: Duration) {
        elapsed.withLock { $0 += duration }
    }
}
