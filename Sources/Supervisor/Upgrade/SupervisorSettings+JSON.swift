// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Logging

extension SupervisorSettings {
    var json: JSONValue {
        .object([
            "listen": .string("\(listen)"),
            "admin_listen": adminListen.map { .string("\($0)") } ?? .null,
            "workers": .integer(Int64(workers)),
            "maximum_workers": .integer(Int64(maximumWorkers)),
            "shutdown_delay_ms": .integer(shutdownDelay.milliseconds),
            "worker_maximum_age_ms": .integerOrNull(workerMaximumAge?.milliseconds),
            "worker_maximum_memory": .integerOrNull(workerMaximumMemory),
            "log_level": .string(logging.level.rawValue),
            "log_format": .string(logging.format.rawValue),
            "log_file": logging.file.map(JSONValue.string) ?? .null,
        ])
    }

    init?(json: JSONValue) {
        guard
            let listen = json["listen"]?.string.flatMap({ ListenAddress($0) }),
            let workers = json["workers"]?.integer, let maximumWorkers = json["maximum_workers"]?.integer,
            let shutdownDelay = json["shutdown_delay_ms"]?.integer,
            let level = json["log_level"]?.string.flatMap({ Logger.Level(rawValue: $0) }),
            let format = json["log_format"]?.string.flatMap({ LogFormat(rawValue: $0) })
        else { return nil }
        self.init(
            listen: listen,
            adminListen: json["admin_listen"]?.string.flatMap { ListenAddress($0) },
            workers: Int(workers),
            maximumWorkers: Int(maximumWorkers),
            shutdownDelay: .milliseconds(shutdownDelay),
            workerMaximumAge: json["worker_maximum_age_ms"]?.integer.map { .milliseconds($0) },
            workerMaximumMemory: json["worker_maximum_memory"]?.integer.map { Int($0) },
            logging: LoggingConfiguration(level: level, format: format, file: json["log_file"]?.string)
        )
    }
}
