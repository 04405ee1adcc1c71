// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core

/// How many connections the database lets somebody have at once.
package enum ConnectionLimit {
    /// Longer than a healthy server ever takes, and short enough to be waited for at a start.
    private static let patience = Duration.seconds(2)

    /// What the server keeps for superusers is nobody else's; the role and the database may have limits of their own.
    ///
    /// The setting that is asked for by way of `true` exists since PostgreSQL 16.
    private static let statement = Statement.read(
        """
        select least(
            current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int
                - coalesce(current_setting('reserved_connections', true)::int, 0),
            (select nullif(rolconnlimit, -1) from pg_catalog.pg_roles where rolname = current_user),
            (select nullif(datconnlimit, -1) from pg_catalog.pg_database where datname = current_database())
        )
        """
    )

    /// Asks the server, on a connection that is closed afterwards.
    ///
    /// - Parameters:
    ///   - connectionString: Where it is.
    ///   - isForStandbys: Whether to ask a standby.
    /// - Returns: The least of its limits.
    /// - Throws: ``DatabaseError``: ``DatabaseError/Code/malformedConnectionString``, or for example
    ///   ``DatabaseError/Code/unavailable``.
    package static func read(
        from connectionString: Redacted<String>,
        isForStandbys: Bool = false
    ) throws(DatabaseError) -> Int {
        let connection = try BlockingConnection(
            connectionString: connectionString,
            connectTimeout: patience,
            isForStandbys: isForStandbys
        )
        guard let row = try connection.execute(statement, within: patience).first else {
            throw DatabaseError(.decoding, detail: "no row")
        }
        return try row.decode(0)
    }
}
