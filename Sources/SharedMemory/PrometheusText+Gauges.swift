// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

/// The present of the whole host.
extension PrometheusText {
    static func gauge(
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
        case .replicaInUse: [(MetricName(family), snapshot.sum(.replicaInUse))]
        case .workers:
            [WorkerState.starting, .ready, .draining].map { state in
                let count = snapshot.workers.count { $0.state == state }
                return (MetricName(family, ["state": "\(state)"]), UInt64(count))
            }
        case .signingKeyAge: snapshot.maximum(.signingKeyAge).map { [(MetricName(family), $0)] } ?? []
        case .migrationVersion: snapshot.maximum(.migrationVersion).map { [(MetricName(family), $0)] } ?? []
        case .residentMemory: processes(family, .residentMemory, snapshot)
        case .openDescriptors: processes(family, .openDescriptors, snapshot)
        case .maximumDescriptors: processes(family, .maximumDescriptors, snapshot)
        case .startTime:
            [(MetricName(family, ["process": "supervisor"]), snapshot.supervisorGauges[.startTime] ?? 0)]
        case .buildInfo: [(MetricName(family, ["version": version]), 1)]
        default: []
        }
    }

    private static func processes(
        _ family: MetricFamily,
        _ gauge: Gauge,
        _ snapshot: ScoreboardSnapshot
    ) -> [(MetricName, UInt64)] {
        [
            (MetricName(family, ["process": "supervisor"]), snapshot.supervisorGauges[gauge] ?? 0),
            (MetricName(family, ["process": "worker"]), snapshot.sum(gauge)),
        ]
    }
}
