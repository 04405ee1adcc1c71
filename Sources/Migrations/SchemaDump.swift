// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Database

/// The schema of a database as text, the same for the same migrations: for people to read, and to see what differs.
///
/// It can be loaded with psql, but lacks the rows that migrations put in. The schema is always called `public` here, and
/// partitions are left out, because they come and go like rows.
package struct SchemaDump: Hashable, Sendable {
    /// A table, a function, or something else that has a name of its own.
    struct Object: Hashable, Sendable {
        /// Such as `table users`.
        let title: String
        let sql: String
    }

    /// The newest migration applied; nil on a database that was never migrated.
    package let version: String?
    let objects: [Object]

    /// Reads the schema of a database.
    ///
    /// - Throws: ``DatabaseError`` when there was no answer.
    package init(_ connection: BlockingConnection) throws(DatabaseError) {
        version = try MigrationRecords.read(connection).applied.last?.version
        try connection.execute(script: SchemaCatalog.settings)
        var objects: [Object] = []
        for row in try connection.execute(SchemaCatalog.objects).rows {
            objects.append(Object(title: try row.decode(0), sql: try row.decode(1)))
        }
        self.objects = objects
    }

    /// Reads ``text``; nil when it is something else.
    package init?(text: String) {
        guard text.hasPrefix(Self.start) else { return nil }
        let parts = text.split(separator: Self.mark)
        guard let head = parts.first?.dropFirst(Self.start.count).prefix(while: { $0 != "," }) else {
            return nil
        }
        version = head == Self.unknown ? nil : String(head)
        objects = parts.dropFirst().compactMap { part in
            guard let end = part.firstIndex(of: "\n") else { return nil }
            let sql = part[part.index(after: end)...]
            return Object(title: String(part[..<end]), sql: sql.hasSuffix("\n") ? String(sql.dropLast()) : String(sql))
        }
    }

    /// The content of `schema.sql`.
    package var text: String {
        objects.reduce("\(Self.start)\(version ?? Self.unknown)\(Self.explanation)\n") { text, object in
            "\(text)\(Self.mark)\(object.title)\n\(object.sql)\n"
        }
    }

    private static let start = "-- The schema after migration "
    private static let unknown = "0000"
    private static let mark = "\n-- Object: "
    private static let explanation = """
        , written by scripts/schema and never by hand.
        -- To read and to compare: a database is made by postern migrate up, which also puts in the rows that belong to it.

        set check_function_bodies = off;
        """
}
