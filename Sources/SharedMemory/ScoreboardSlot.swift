// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core

/// What one process of the installation says of itself: it writes, everyone reads.
///
/// Counters and histograms belong to the slot and outlive its worker, so that their sums never go down; all else is of
/// the worker, and is cleared with it.
package struct ScoreboardSlot: Sendable {
    // In words: the worker's own things, counters, the requests that run, histograms.
    private static let own = 0..<64
    private static let counters = 64..<64 + NameTable.Kind.counters.capacity
    private static let requests = 512..<512 + RunningRequests.wordCount
    private static let histograms =
        requests.upperBound..<requests.upperBound + Histogram.wordCount * NameTable.Kind.histograms.capacity
    private static let wordCount = histograms.upperBound
    static let size = SharedMemoryLayout.pages(8 * wordCount)

    private static let pid = 0
    private static let generation = 1
    private static let state = 2
    private static let startedAt = 3
    private static let heartbeats = 8
    private static let gauges = 16

    private let words: AtomicWords
    /// What the worker is doing.
    package let runningRequests: RunningRequests

    init(_ segment: MemorySegment, _ layout: SharedMemoryLayout, _ index: Int) {
        words = AtomicWords(segment, offset: layout.scoreboard + index * Self.size, count: Self.wordCount)
        runningRequests = RunningRequests(words.part(Self.requests))
    }

    /// The process; 0 before it has written itself down.
    package var pid: Int32 {
        get { Int32(truncatingIfNeeded: words[Self.pid]) }
        nonmutating set { words[Self.pid] = UInt64(truncatingIfNeeded: newValue) }
    }

    /// How many rolls and upgrades came before it.
    package var generation: Int {
        get { Int(truncatingIfNeeded: words[Self.generation]) }
        nonmutating set { words[Self.generation] = UInt64(truncatingIfNeeded: newValue) }
    }

    /// What it is at.
    package var state: WorkerState {
        get { WorkerState(rawValue: words[Self.state]) ?? .empty }
        nonmutating set { words[Self.state] = newValue.rawValue }
    }

    /// When the process was started; nil in an empty slot.
    package var startedAt: MonotonicTime? {
        get { time(Self.startedAt) }
        nonmutating set { set(newValue, Self.startedAt) }
    }

    /// Clears the slot for a worker that is about to be started: the supervisor calls it before that.
    package func prepare(generation: Int, at now: MonotonicTime) {
        clearGauges()
        self.generation = generation
        startedAt = now
        state = .starting
    }

    /// When something last showed that it is not stuck; nil before its first sign.
    package func heartbeat(_ heartbeat: Heartbeat) -> MonotonicTime? {
        time(Self.heartbeats + heartbeat.rawValue)
    }

    /// Shows that something is not stuck.
    package func beat(_ heartbeat: Heartbeat, at now: MonotonicTime = .now()) {
        set(now, Self.heartbeats + heartbeat.rawValue)
    }

    package subscript(gauge: Gauge) -> UInt64 {
        get { words[Self.gauges + gauge.rawValue] }
        nonmutating set { words[Self.gauges + gauge.rawValue] = newValue }
    }

    var allGauges: [Gauge: UInt64] {
        Dictionary(uniqueKeysWithValues: Gauge.allCases.map { ($0, self[$0]) })
    }

    /// Raises a gauge by 1.
    package func raise(_ gauge: Gauge) { words.add(1, at: Self.gauges + gauge.rawValue) }

    /// Lowers a gauge by 1.
    package func lower(_ gauge: Gauge) { words.subtract(1, at: Self.gauges + gauge.rawValue) }

    /// Forgets everything of the worker but what it counted: the supervisor calls it when the process is reaped.
    package func clearGauges() {
        words.part(Self.own).clear()
        runningRequests.clear()
    }

    /// The counter at a place of the table of names.
    package func counter(at place: Int) -> Counter {
        Counter(words.part(Self.counters), place)
    }

    /// The histogram at a place of the table of names.
    package func histogram(at place: Int, scale: HistogramScale = .durations) -> Histogram {
        let start = Self.histograms.lowerBound + place * Histogram.wordCount
        return Histogram(words.part(start..<start + Histogram.wordCount), scale)
    }

    private func time(_ index: Int) -> MonotonicTime? {
        let nanoseconds = words[index]
        return nanoseconds == 0 ? nil : MonotonicTime(nanoseconds: Int64(truncatingIfNeeded: nanoseconds))
    }

    private func set(_ time: MonotonicTime?, _ index: Int) {
        words[index] = UInt64(truncatingIfNeeded: time?.nanoseconds ?? 0)
    }
}
