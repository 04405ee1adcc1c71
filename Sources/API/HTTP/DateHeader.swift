// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Synchronization

/// The value of the `Date` header (RFC 9110 section 5.6.7), made once a second.
final class DateHeader: Sendable {
    private let latest = Mutex<(second: Int64, text: String)>((-1, ""))

    /// The text for `instant`.
    func text(at instant: Timestamp) -> String {
        let second = instant.seconds
        return latest.withLock { latest in
            if latest.second != second { latest = (second, instant.httpDate) }
            return latest.text
        }
    }
}
