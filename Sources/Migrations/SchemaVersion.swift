// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Database

/// Whether a database's schema is new enough for this release.
package enum SchemaVersion: Hashable, Sendable {
    /// All migrations of this release are applied; later ones may be, too.
    case current
    /// The newest migration applied; nil on a database that was never migrated.
    case outdated(found: String?)

    /// The newest migration that this release was built with.
    ///
    /// A test compares it with the `migrations` folder.
    package static let required = "0026"

    private static let newest = Statement.read("select max(version) from schema_migrations")

    /// Asks the database; a worker that finds it outdated does not become ready.
    ///
    /// Migrations are applied in order, so the newest one speaks for those before it. A newer schema is fine: releases
    /// only add to what the one before them uses.
    ///
    /// - Throws: ``DatabaseError`` when there was no answer.
    package static func check(_ database: some StatementExecutor) async throws(DatabaseError) -> SchemaVersion {
        let found = try await applied(in: database)
        return found.map { $0 >= required } ?? false ? .current : .outdated(found: found)
    }

    /// The newest migration that is applied; nil on a database that was never migrated.
    ///
    /// - Throws: ``DatabaseError`` when there was no answer.
    package static func applied(in database: some StatementExecutor) async throws(DatabaseError) -> String? {
        do {
            return try await database.execute(newest).first?.decode(0, as: String?.self) ?? nil
        } catch let error where error.sqlState == .undefinedTable {
            return nil
        }
    }
}
