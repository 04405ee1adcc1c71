// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core

/// How often something took how long.
package struct Histogram: Sendable {
    /// The upper bounds of the buckets but the last, in seconds: what Prometheus calls `le`.
    package static let bounds: [Double] = [
        0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
    ]
    private static let boundsInNanoseconds = bounds.map { Int64($0 * 1e9) }
    private static let bucketCount = bounds.count + 1
    /// The buckets, and the sum of all durations in nanoseconds.
    static let wordCount = bucketCount + 1

    private let words: AtomicWords

    init(_ words: AtomicWords) {
        self.words = words
    }

    /// Notes a duration.
    package func record(nanoseconds: Int64) {
        let bucket = Self.boundsInNanoseconds.firstIndex { nanoseconds <= $0 } ?? Self.bucketCount - 1
        words.add(1, at: bucket)
        words.add(UInt64(max(0, nanoseconds)), at: Self.bucketCount)
    }

    /// How many durations each bucket holds, not counting those of smaller buckets.
    var buckets: [UInt64] {
        (0..<Self.bucketCount).map { words[$0] }
    }

    /// The sum of all durations.
    package var nanoseconds: UInt64 { words[Self.bucketCount] }
}
