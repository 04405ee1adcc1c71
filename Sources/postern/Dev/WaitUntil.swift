// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Glibc

/// Looks 50 times a second whether `condition` holds; false when it does not within `limit`.
func waitUntil(_ limit: Duration, _ condition: () throws -> Bool) rethrows -> Bool {
    let deadline = MonotonicTime.now() + limit
    while true {
        if try condition() { return true }
        guard MonotonicTime.now() < deadline else { return false }
        usleep(20_000)
    }
}
