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

    /// - Throws: ``DatabaseError`` when the string is malformed.
    init(_ string: Redacted<String>, connectTimeout: Duration, applicationName: String) throws(DatabaseError) {
        guard Self.isWellFormed(string.exposed) else {
            // libpq's message would repeat a part of the string, and that may be the password.
            throw DatabaseError(.malformedConnectionString)
        }
        // Less than our own time for a host, so that libpq can still go on to the next host of the string by itself.
        let giveUp = max(1, connectTimeout.milliseconds * 3 / 4)
        pairs = [
            ("fallback_application_name", Redacted(applicationName)),
            ("connect_timeout", Redacted(String(max(2, (connectTimeout.milliseconds + 999) / 1000)))),
            ("keepalives_idle", Redacted("30")),
            ("keepalives_interval", Redacted("10")),
            ("keepalives_count", Redacted("3")),
            ("tcp_user_timeout", Redacted(String(giveUp))),
            ("dbname", string),
            ("client_encoding", Redacted("UTF8")),
        ]
    }

    init(_ configuration: DatabasePoolConfiguration) throws(DatabaseError) {
        try self.init(
            configuration.connectionString,
            connectTimeout: configuration.connectTimeout,
            applicationName: configuration.applicationName
        )
    }

    /// Whether libpq can read the string; a mere name, without `=` or `://`, is that of a database.
    private static func isWellFormed(_ string: String) -> Bool {
        guard !string.utf8.contains(0) else { return false }
        guard string.contains("=") || string.contains("://") else { return true }
        let options = PQconninfoParse(string, nil)
        defer { PQconninfoFree(options) }
        return options != nil
    }

    /// Calls `body` with the two null-terminated arrays that libpq takes; the pointers end with the call.
    func withPointers<Result>(
        _ body: (UnsafePointer<UnsafePointer<CChar>?>?, UnsafePointer<UnsafePointer<CChar>?>?) -> Result
    ) -> Result {
        var text: [CChar] = []
        var keywordStarts: [Int] = []
        var valueStarts: [Int] = []
        for (keyword, value) in pairs {
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
