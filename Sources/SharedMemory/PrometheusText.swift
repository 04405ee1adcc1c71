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
                for name in names.sorted() { sample(name.text, Self.count(snapshot.counters[name] ?? 0, of: family)) }
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

    private static func count(_ value: UInt64, of family: MetricFamily) -> String {
        family.counterUnit == 1 ? "\(value)" : "\(Double(value) / Double(family.counterUnit))"
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
}

extension MetricName: Comparable {
    package static func < (left: MetricName, right: MetricName) -> Bool { left.text < right.text }
}
