// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

/// Metrics in Prometheus's text format 0.0.4.
package struct PrometheusText {
    /// Of an answer with such text.
    package static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    /// The text so far.
    package private(set) var text = ""

    /// Everything that is counted, and the gauges of all workers together.
    ///
    /// - Parameters:
    ///   - snapshot: What was read.
    ///   - version: The release that runs.
    ///   - listenQueue: How many connections wait to be accepted; nil when the system does not tell.
    package init(_ snapshot: ScoreboardSnapshot, version: String, listenQueue: Int?) {
        let counters = Dictionary(grouping: snapshot.counters.keys, by: \.family)
        let histograms = Dictionary(grouping: snapshot.histograms.keys, by: \.family)
        for family in MetricFamily.allCases {
            switch family.kind {
            case .counter:
                guard let names = counters[family.rawValue] else { continue }
                begin(family)
                for name in names.sorted() { sample(name.text, "\(snapshot.counters[name] ?? 0)") }
            case .histogram:
                guard let names = histograms[family.rawValue] else { continue }
                begin(family)
                for name in names.sorted() { snapshot.histograms[name].map { histogram(name, $0, family.scale) } }
            case .gauge:
                let samples = Self.gauge(family, snapshot, version, listenQueue)
                if !samples.isEmpty { begin(family) }
                for (name, value) in samples { sample(name.text, "\(value)") }
            }
        }
    }

    private mutating func begin(_ family: MetricFamily) {
        text += "# HELP \(family.rawValue) \(family.help)\n# TYPE \(family.rawValue) \(family.kind.rawValue)\n"
    }

    private mutating func sample(_ name: String, _ value: String) {
        text += "\(name) \(value)\n"
    }

    /// Prometheus counts in each bucket what is in the smaller ones too.
    private mutating func histogram(_ name: MetricName, _ sum: ScoreboardSnapshot.HistogramSum, _ scale: HistogramScale)
    {
        let bounds = scale.bounds.map { "\($0)" } + ["+Inf"]
        var count: UInt64 = 0
        for (bound, bucket) in zip(bounds, sum.buckets) {
            count &+= bucket
            let labels = name.labels.isEmpty ? "" : "\(name.labels),"
            sample("\(name.family)_bucket{\(labels)le=\"\(bound)\"}", "\(count)")
        }
        let labels = name.labels.isEmpty ? "" : "{\(name.labels)}"
        sample("\(name.family)_sum\(labels)", "\(Double(sum.total) / scale.unit)")
        sample("\(name.family)_count\(labels)", "\(count)")
    }

    private static func gauge(
        _ family: MetricFamily,
        _ snapshot: ScoreboardSnapshot,
        _ version: String,
        _ listenQueue: Int?
    ) -> [(MetricName, UInt64)] {
        switch family {
        case .activeRequests: [(MetricName(family), snapshot.sum(.requestsInFlight))]
        case .openConnections: [(MetricName(family), snapshot.sum(.openConnections))]
        case .listenQueue: listenQueue.map { [(MetricName(family), UInt64(max(0, $0)))] } ?? []
        case .databaseConnections:
            [
                (MetricName(family, ["state": "open"]), snapshot.sum(.databaseOpen)),
                (MetricName(family, ["state": "busy"]), snapshot.sum(.databaseBusy)),
            ]
        case .databaseWaiting: [(MetricName(family), snapshot.sum(.databaseWaiting))]
        case .workers:
            [WorkerState.starting, .ready, .draining].map { state in
                let count = snapshot.workers.count { $0.state == state }
                return (MetricName(family, ["state": "\(state)"]), UInt64(count))
            }
        case .workersResidentMemory: [(MetricName(family), snapshot.sum(.residentMemory))]
        case .buildInfo: [(MetricName(family, ["version": version]), 1)]
        default: []
        }
    }
}

extension MetricName: Comparable {
    package static func < (left: MetricName, right: MetricName) -> Bool { left.text < right.text }
}
