// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

/// What a histogram's values are, and the buckets that they fall into.
///
/// Each scale has as many buckets as the others, so that all histograms take the same room.
package enum HistogramScale: Hashable, Sendable {
    /// Durations in seconds, recorded in nanoseconds.
    case durations
    /// The same for what is usually over within a millisecond.
    case shortDurations
    /// Numbers of things.
    case sizes

    private static let durationBounds: [Double] = [
        0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
    ]
    private static let shortDurationBounds: [Double] = [
        0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5,
    ]
    private static let sizeBounds: [Double] = [1, 2, 3, 4, 6, 8, 10, 12, 14, 16, 20, 24, 28, 32]

    private static let durationThresholds = durationBounds.map { Int64($0 * 1e9) }
    private static let shortDurationThresholds = shortDurationBounds.map { Int64($0 * 1e9) }
    private static let sizeThresholds = sizeBounds.map { Int64($0) }

    /// The upper bounds of the buckets but the last: what Prometheus calls `le`.
    package var bounds: [Double] {
        switch self {
        case .durations: Self.durationBounds
        case .shortDurations: Self.shortDurationBounds
        case .sizes: Self.sizeBounds
        }
    }

    /// The bounds in the whole numbers that are recorded.
    var thresholds: [Int64] {
        switch self {
        case .durations: Self.durationThresholds
        case .shortDurations: Self.shortDurationThresholds
        case .sizes: Self.sizeThresholds
        }
    }

    /// How many of the whole numbers that are recorded make 1.
    var unit: Double {
        switch self {
        case .durations, .shortDurations: 1e9
        case .sizes: 1
        }
    }
}
