// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core

extension WorkerTable.Snapshot {
    var json: JSONValue {
        .object([
            "target": .integer(Int64(target)),
            "capacity": .integer(Int64(capacity)),
            "room": .integerOrNull(room.map { Int64($0) }),
            "generation": .integer(Int64(generation)),
            "reload_pending": .bool(isReloadPending),
            "workers": .array(workers.map(\.json)),
        ])
    }

    init?(json: JSONValue) {
        guard
            let target = json["target"]?.integer, let capacity = json["capacity"]?.integer,
            let generation = json["generation"]?.integer, let isReloadPending = json["reload_pending"]?.bool,
            let elements = json["workers"]?.array, target > 0, capacity > target
        else { return nil }
        let workers = elements.compactMap { Worker(json: $0) }
        guard workers.count == elements.count else { return nil }
        self.init(
            target: Int(target),
            capacity: Int(capacity),
            room: json["room"]?.integer.flatMap { Int(exactly: $0) },
            generation: Int(generation),
            isReloadPending: isReloadPending,
            workers: workers
        )
    }
}

extension WorkerTable.Snapshot.Worker {
    fileprivate var json: JSONValue {
        .object([
            "slot": .integer(Int64(slot)),
            "pid": .integer(Int64(pid)),
            "generation": .integer(Int64(generation)),
            "ready_at_ns": .integerOrNull(readyAt?.nanoseconds),
            "retiring": .bool(isRetiring),
        ])
    }

    fileprivate init?(json: JSONValue) {
        guard
            let slot = json["slot"]?.integer, let pid = json["pid"]?.integer.flatMap({ Int32(exactly: $0) }),
            let generation = json["generation"]?.integer, let isRetiring = json["retiring"]?.bool
        else { return nil }
        self.init(
            slot: Int(slot),
            pid: pid,
            generation: Int(generation),
            readyAt: json["ready_at_ns"]?.integer.map { MonotonicTime(nanoseconds: $0) },
            isRetiring: isRetiring
        )
    }
}
