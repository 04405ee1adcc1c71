// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

/// How often something was how long, or how large.
package struct Histogram: Sendable {
    static let bucketCount = 15
    /// The buckets, and the sum of all values.
    static let wordCount = 16

    private let words: AtomicWords
    private let scale: HistogramScale

    init(_ words: AtomicWords, _ scale: HistogramScale) {
        self.words = words
        self.scale = scale
    }

    /// Notes a duration.
    package func record(nanoseconds: Int64) {
        record(nanoseconds)
    }

    /// Notes a value, in the whole numbers of its ``HistogramScale``.
    package func record(_ value: Int64) {
        let bucket = scale.thresholds.firstIndex { value <= $0 } ?? Self.bucketCount - 1
        words.add(1, at: bucket)
        words.add(UInt64(max(0, value)), at: Self.bucketCount)
    }

    /// How many values each bucket holds, not counting those of smaller buckets.
    var buckets: [UInt64] {
        (0..<Self.bucketCount).map { words[$0] }
    }

    /// The sum of all values, as they were recorded.
    package var sum: UInt64 { words[Self.bucketCount] }
}
