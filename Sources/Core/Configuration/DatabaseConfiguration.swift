// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

/// How the database is reached.
///
/// Settings: `DATABASE_URL`, `POSTERN_REPLICA_DATABASE_URL`, `POSTERN_MIGRATION_DATABASE_URL`, `POSTERN_POOL_SIZE`,
/// `POSTERN_PREPARED_STATEMENTS`.
package struct DatabaseConfiguration: Sendable {
    /// A libpq URI or keyword connection string, several hosts allowed (PostgreSQL manual, 34.1.1).
    package let url: Redacted<String>
    /// A standby, or several, that may answer lists; nil for none.
    package let replicaURL: Redacted<String>?
    /// The database for migrations, which need a direct connection when the other passes a pooler.
    package let migrationURL: Redacted<String>
    /// The setting that ``migrationURL`` is from.
    package let migrationKey: String
    /// Connections of each worker.
    package let poolSize: Int
    /// Whether each connection is a session of its own, in which statements may be prepared; a pooler in front of the
    /// database may give each transaction another one.
    package let preparesStatements: Bool

    private enum Switch: String, CaseIterable {
        case on
        case off
    }

    /// - Throws: ``ConfigurationError`` when `DATABASE_URL` is missing or a value is out of range.
    package init(_ settings: Settings) throws(ConfigurationError) {
        guard let url = settings.text(SettingKey.databaseURL) else {
            throw ConfigurationError(SettingKey.databaseURL, "must be set, for example postgresql://user@host/postern")
        }
        self.url = Redacted(url)
        self.replicaURL = settings.text(SettingKey.replicaDatabaseURL).map { Redacted($0) }
        let migrationURL = settings.text(SettingKey.migrationDatabaseURL)
        self.migrationURL = Redacted(migrationURL ?? url)
        self.migrationKey = migrationURL == nil ? SettingKey.databaseURL : SettingKey.migrationDatabaseURL
        self.poolSize = try settings.integer(SettingKey.poolSize, in: 1...100) ?? 4
        self.preparesStatements = try settings.choice(SettingKey.preparedStatements, as: Switch.self) != .off
    }
}
