// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import CPostgres
import Core

/// The keywords and values that libpq opens a connection with: our defaults, then the connection string, then what must
/// be so.
///
/// The last one named wins (manual, section 34.1, `PQconnectdbParams`).
struct ConnectionParameters: Sendable {
    private let pairs: [(keyword: String, value: Redacted<String>)]
    /// The hosts of the connection string, or of the environment.
    let hosts: HostList

    /// - Throws: ``DatabaseError`` when the string is malformed.
    init(
        _ string: Redacted<String>,
        connectTimeout: Duration,
        applicationName: String,
        isForStandbys: Bool = false
    ) throws(DatabaseError) {
        guard let hosts = Self.hosts(of: string.exposed) else {
            // libpq's message would repeat a part of the string, and that may be the password.
            throw DatabaseError(.malformedConnectionString)
        }
        self.hosts = hosts
        // Less than our own time for a host, so that libpq can still go on to the next host of the string by itself.
        let giveUp = max(1, connectTimeout.milliseconds * 3 / 4)
        pairs = [
            ("fallback_application_name", Redacted(applicationName)),
            ("connect_timeout", Redacted(String(max(2, (connectTimeout.milliseconds + 999) / 1000)))),
            ("keepalives_idle", Redacted("30")),
            ("keepalives_interval", Redacted("10")),
            ("keepalives_count", Redacted("3")),
            ("tcp_user_timeout", Redacted(String(giveUp))),
            // Of several hosts one is the primary, and the others would refuse every write.
            ("target_session_attrs", Redacted(isForStandbys ? "standby" : hosts.count > 1 ? "read-write" : "any")),
            ("dbname", string),
            ("client_encoding", Redacted("UTF8")),
        ]
    }

    init(_ configuration: DatabasePoolConfiguration) throws(DatabaseError) {
        try self.init(
            configuration.connectionString,
            connectTimeout: configuration.connectTimeout,
            applicationName: configuration.applicationName,
            isForStandbys: configuration.isForStandbys
        )
    }

    /// The hosts that libpq takes for the string; nil when it cannot read it.
    private static func hosts(of string: String) -> HostList? {
        guard !string.utf8.contains(0) else { return nil }
        let environment = values(PQconndefaults()) ?? [:]
        // A mere name, without `=` or `://`, is that of a database.
        guard string.contains("=") || string.contains("://") else { return HostList([:], environment: environment) }
        return values(PQconninfoParse(string, nil)).map { HostList($0, environment: environment) }
    }

    /// The options that have a value.
    private static func values(_ options: UnsafeMutablePointer<PQconninfoOption>?) -> [String: String]? {
        guard let options else { return nil }
        defer { PQconninfoFree(options) }
        var values: [String: String] = [:]
        var option = options
        while let keyword = option.pointee.keyword {
            values[String(cString: keyword)] = option.pointee.val.map { String(cString: $0) }
            option += 1
        }
        return values
    }

    /// Calls `body` with the two null-terminated arrays that libpq takes; the pointers end with the call.
    ///
    /// The host at `firstHost` is tried first.
    func withPointers<Result>(
        firstHost: Int = 0,
        _ body: (UnsafePointer<UnsafePointer<CChar>?>?, UnsafePointer<UnsafePointer<CChar>?>?) -> Result
    ) -> Result {
        var text: [CChar] = []
        var keywordStarts: [Int] = []
        var valueStarts: [Int] = []
        let order = hosts.keywords(beginningAt: firstHost).map { ($0.keyword, Redacted($0.value)) }
        for (keyword, value) in pairs + order {
            keywordStarts.append(text.count)
            text.append(contentsOf: keyword.utf8CString)
            valueStarts.append(text.count)
            text.append(contentsOf: value.exposed.utf8CString)
        }
        return text.withUnsafeBufferPointer { text in
            let keywords = keywordStarts.map { text.baseAddress?.advanced(by: $0) } + [nil]
            let values = valueStarts.map { text.baseAddress?.advanced(by: $0) } + [nil]
            return body(keywords, values)
        }
    }
}
