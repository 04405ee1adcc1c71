// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

/// So many requests in a period, all of them at once if one likes.
///
/// After a burst of ``count``, the right to another request comes back every ``interval``.
package struct RateLimit: Hashable, Sendable {
    private static let maximumCount = 1_000_000

    package let count: Int
    package let period: Duration

    /// - Parameters:
    ///   - count: At least 1.
    ///   - period: In which they may come.
    package init(count: Int, per period: Duration) {
        precondition(count > 0)
        self.count = count
        self.period = period
    }

    /// Reads `10/s`, `60/m`, `1000/h` or `5000/d`; nil for anything else.
    package init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard
            parts.count == 2, parts[1].count == 1,
            parts[0].utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
            let count = Int(parts[0]), 1...Self.maximumCount ~= count,
            let period = Settings.duration(of: "1\(parts[1])")
        else { return nil }
        self.init(count: count, per: period)
    }

    /// The time after which a used-up limit lets one more request pass.
    package var interval: Duration { period / count }
}
