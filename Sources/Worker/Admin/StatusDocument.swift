// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Glibc
import SharedMemory

/// The answer to `/status`: what the installation is at.
struct StatusDocument {
    private let snapshot: ScoreboardSnapshot
    private let listenQueue: Int?
    private let now: MonotonicTime

    /// - Parameters:
    ///   - snapshot: What was read.
    ///   - listenQueue: How many connections wait to be accepted; nil when the system does not tell.
    ///   - now: The instant that ages are counted to.
    init(_ snapshot: ScoreboardSnapshot, listenQueue: Int?, at now: MonotonicTime) {
        self.snapshot = snapshot
        self.listenQueue = listenQueue
        self.now = now
    }

    var json: String {
        var json = JSONWriter(reservingCapacity: 4096)
        json.object { json in
            json.member("version", Release.version)
            json.member("stopping", snapshot.isStopping)
            json.name("supervisor")
            json.object { json in
                // A worker's parent is its supervisor, whether that has written itself down or not.
                json.member("pid", Int64(snapshot.supervisorPID == 0 ? getppid() : snapshot.supervisorPID))
                json.member("generation", Int64(snapshot.supervisorGeneration))
                age("age_ms", snapshot.supervisorStartedAt, &json)
            }
            json.member("requests", Int64(clamping: snapshot.requests))
            optional("listen_queue", listenQueue.map(Int64.init), &json)
            gauges(snapshot.sum, &json)
            json.name("workers")
            json.array(snapshot.workers, write)
        }
        return json.text
    }

    private func write(_ json: inout JSONWriter, _ worker: ScoreboardSnapshot.Worker) {
        json.object { json in
            json.member("slot", Int64(worker.slot))
            json.member("pid", Int64(worker.pid))
            json.member("state", "\(worker.state)")
            json.member("generation", Int64(worker.generation))
            age("age_ms", worker.startedAt, &json)
            json.member("requests", Int64(clamping: worker.requests))
            gauges({ worker.gauges[$0] ?? 0 }, &json)
            json.name("heartbeat_age_ms")
            json.object { json in
                for heartbeat in Heartbeat.allCases { age(heartbeat.name, worker.heartbeats[heartbeat], &json) }
            }
            json.name("oldest_request")
            guard let request = worker.oldestRequest else { return json.null() }
            json.object { json in
                json.member("route", request.operation)
                json.member("request_id", request.id)
                age("age_ms", request.began, &json)
            }
        }
    }

    private func gauges(_ value: (Gauge) -> UInt64, _ json: inout JSONWriter) {
        func member(_ name: String, _ gauge: Gauge) { json.member(name, Int64(clamping: value(gauge))) }
        member("requests_in_flight", .requestsInFlight)
        member("open_connections", .openConnections)
        member("resident_memory_bytes", .residentMemory)
        json.name("database")
        json.object { json in
            json.member("open", Int64(clamping: value(.databaseOpen)))
            json.member("busy", Int64(clamping: value(.databaseBusy)))
            json.member("waiting", Int64(clamping: value(.databaseWaiting)))
        }
    }

    private func age(_ name: String, _ instant: MonotonicTime?, _ json: inout JSONWriter) {
        optional(name, instant.map { max(0, (now - $0).milliseconds) }, &json)
    }

    private func optional(_ name: String, _ number: Int64?, _ json: inout JSONWriter) {
        json.name(name)
        if let number { json.value(number) } else { json.null() }
    }
}

extension Heartbeat {
    fileprivate var name: String {
        switch self {
        case .eventLoop: "event_loop"
        case .task: "task"
        case .database: "database"
        }
    }
}
