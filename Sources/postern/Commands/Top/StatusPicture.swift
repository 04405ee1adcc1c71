// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import TerminalText

/// The document of `/status`, drawn for people.
struct StatusPicture {
    private let status: JSONValue

    init(_ status: JSONValue) {
        self.status = status
    }

    var text: String {
        let supervisor = status["supervisor"]
        let database = status["database"]
        let lines = [
            "postern \(status["version"]?.string ?? "?") · supervisor \(number(supervisor?["pid"])), generation "
                + "\(number(supervisor?["generation"])), up \(age(supervisor?["age_ms"]))"
                + (status["stopping"]?.bool == true ? " · stopping" : ""),
            "requests \(number(status["requests"])), \(number(status["requests_in_flight"])) in flight · connections "
                + "\(number(status["open_connections"])), \(number(status["listen_queue"])) waiting · memory "
                + megabytes(status["resident_memory_bytes"]),
            "database \(number(database?["open"])) open, \(number(database?["busy"])) busy, "
                + "\(number(database?["waiting"])) statements waiting",
        ]
        let workers = TextTable(
            rows: [
                [
                    "SLOT", "PID", "STATE", "GEN", "AGE", "REQUESTS", "RUN", "CONN", "MEMORY", "DB", "OLDEST",
                    "REQUEST",
                ]
            ] + (status["workers"]?.array ?? []).map(row)
        )
        return (lines + ["", workers.description]).joined(separator: "\n")
    }

    private func row(_ worker: JSONValue) -> [String] {
        let database = worker["database"]
        let oldest = worker["oldest_request"]
        return [
            number(worker["slot"]), number(worker["pid"]), worker["state"]?.string ?? "?",
            number(worker["generation"]), age(worker["age_ms"]), number(worker["requests"]),
            number(worker["requests_in_flight"]), number(worker["open_connections"]),
            megabytes(worker["resident_memory_bytes"]), "\(number(database?["busy"]))/\(number(database?["open"]))",
            oldest?["age_ms"] == nil ? "" : age(oldest?["age_ms"]),
            [oldest?["route"]?.string, oldest?["request_id"]?.string].compactMap(\.self).joined(separator: " "),
        ]
    }

    private func number(_ value: JSONValue?) -> String {
        value?.integer.map { "\($0)" } ?? "-"
    }

    private func megabytes(_ value: JSONValue?) -> String {
        value?.integer.map { "\($0 / 1_048_576) MiB" } ?? "-"
    }

    private func age(_ value: JSONValue?) -> String {
        guard let milliseconds = value?.integer else { return "-" }
        let seconds = milliseconds / 1000
        switch seconds {
        case ..<1: return "\(milliseconds) ms"
        case ..<120: return "\(seconds) s"
        case ..<7200: return "\(seconds / 60) min"
        case ..<172_800: return "\(seconds / 3600) h"
        default: return "\(seconds / 86_400) d"
        }
    }
}
