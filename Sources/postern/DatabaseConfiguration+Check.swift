// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Database

/// What only libpq can say of the settings.
extension DatabaseConfiguration {
    /// - Throws: ``ConfigurationError`` when libpq cannot read `DATABASE_URL`.
    func checkURL() throws(ConfigurationError) {
        do throws(DatabaseError) {
            try DatabasePoolConfiguration(connectionString: url, connections: poolSize).check()
        } catch {
            throw Self.malformed(SettingKey.databaseURL)
        }
    }

    /// Connects to where migrations run.
    ///
    /// - Throws: ``ConfigurationError`` when libpq cannot read the connection string, and as ``BlockingConnection`` does.
    func connectForMigrations(timeout: Duration) throws -> BlockingConnection {
        do throws(DatabaseError) {
            return try BlockingConnection(connectionString: migrationURL, connectTimeout: timeout)
        } catch {
            throw error.code == .malformedConnectionString ? Self.malformed(migrationKey) : error
        }
    }

    private static func malformed(_ key: String) -> ConfigurationError {
        ConfigurationError(key, "must be a URI, or keywords and values, as libpq reads it")
    }
}
