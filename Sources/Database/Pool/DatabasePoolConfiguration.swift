// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core

/// How a pool reaches the database, and how long it waits for it.
package struct DatabasePoolConfiguration: Sendable {
    /// A URI or keywords and values, as libpq takes them (manual, section 34.1.1).
    package var connectionString: Redacted<String>
    /// Connections to keep open.
    package var connections: Int
    /// How long a statement may take from when it is sent; its connection is given up then.
    ///
    /// The server itself ends it a tenth earlier, unless a pooler is between.
    package var statementTimeout: Duration
    /// How long a statement waits for a connection.
    package var acquireTimeout: Duration
    /// How long connecting to one host may take.
    package var connectTimeout: Duration
    /// How long a connection is used, give or take a tenth.
    package var connectionLifetime: Duration
    /// What `pg_stat_activity` shows, unless the connection string says otherwise.
    package var applicationName: String
    /// Statements that one connection is given at once; the rest wait for whichever connection is free first.
    package var pipelineDepth: Int
    /// Whether each connection is a session that nobody else uses.
    ///
    /// Then statements are prepared once a connection, and the session is set up for them. If not, because a pooler gives
    /// each transaction a session of its choice, every statement is parsed each time, and nothing is set that a pooler
    /// does not follow: whoever got the session next would have it.
    package var preparesStatements: Bool
    /// Whether it leads to standbys, and to no server that takes writes, unless the connection string says otherwise.
    package var isForStandbys: Bool

    package init(
        connectionString: Redacted<String>,
        connections: Int,
        statementTimeout: Duration = .seconds(5),
        acquireTimeout: Duration = .seconds(1),
        connectTimeout: Duration = .seconds(5),
        connectionLifetime: Duration = .seconds(30 * 60),
        applicationName: String = "postern",
        pipelineDepth: Int = 32,
        preparesStatements: Bool = true,
        isForStandbys: Bool = false
    ) {
        self.connectionString = connectionString
        self.connections = max(1, connections)
        self.statementTimeout = statementTimeout
        self.acquireTimeout = acquireTimeout
        self.connectTimeout = connectTimeout
        self.connectionLifetime = connectionLifetime
        self.applicationName = applicationName
        self.pipelineDepth = max(1, pipelineDepth)
        self.preparesStatements = preparesStatements
        self.isForStandbys = isForStandbys
    }

    /// - Throws: ``DatabaseError/Code/malformedConnectionString`` when libpq cannot read the connection string.
    package func check() throws(DatabaseError) {
        _ = try ConnectionParameters(self)
    }
}
