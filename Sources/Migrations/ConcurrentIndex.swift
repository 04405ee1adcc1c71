// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Database

/// An index that a file builds with `create index concurrently`.
///
/// Whatever cuts such a build off leaves an invalid index of that name: every write keeps it up to date, no query uses it,
/// and `if not exists` would take it for the real one.
package struct ConcurrentIndex: Hashable, Sendable {
    /// As the file writes it, so with quotes and schema, if any.
    package let name: String

    /// What of the index the database has.
    enum State {
        case absent
        case invalid
        case valid
    }

    /// Nil when `sql` does not begin with `create [unique] index concurrently` and a name.
    package init?(createdBy sql: String) {
        var tokens = SQLTokens(sql).tokens[...]
        func skip(_ expected: String...) -> Bool {
            guard tokens.prefix(expected.count).map({ $0.lowercased() }) == expected else { return false }
            tokens = tokens.dropFirst(expected.count)
            return true
        }
        guard skip("create", "index", "concurrently") || skip("create", "unique", "index", "concurrently") else {
            return nil
        }
        _ = skip("if", "not", "exists")
        let name = tokens.prefix { $0.lowercased() != "on" }
        guard !name.isEmpty, name.endIndex < tokens.endIndex else { return nil }
        self.name = name.joined()
    }

    private static let isValid = Statement.read("select indisvalid from pg_index where indexrelid = to_regclass($1)")

    func state(_ connection: BlockingConnection) throws(DatabaseError) -> State {
        guard let row = try connection.execute(Self.isValid, [.text(name)]).first else { return .absent }
        return try row.decode(0) ? .valid : .invalid
    }

    /// Removes the index without standing in anybody's way.
    func drop(_ connection: BlockingConnection) throws(DatabaseError) {
        try connection.execute(script: "drop index concurrently \(name)")
    }
}
