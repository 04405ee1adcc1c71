// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core

/// Something that is done at equal intervals, and not made up for when it was missed.
struct Periodic {
    let interval: Duration
    private(set) var due: MonotonicTime

    init(every interval: Duration, from now: MonotonicTime) {
        self.interval = interval
        due = now
    }

    /// Whether it is time; if so, the next time is an interval from `now`.
    mutating func isDue(at now: MonotonicTime) -> Bool {
        guard due <= now else { return false }
        due = now + interval
        return true
    }
}
