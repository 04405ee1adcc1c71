// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core

/// How a pool reaches the database, and how long it waits for it.
package struct DatabasePoolConfiguration: Sendable {
    /// A URI or keywords and values, as libpq takes them (manual, section 34.1.1).
    package var connectionString: Redacted<String>
    /// Connections to keep open.
    package var connections: Int
    /// How long a statement may run; its connection is given up then.
    package var statementTimeout: Duration
    /// How long a statement waits for a connection.
    package var acquireTimeout: Duration
    /// How long connecting to one host may take.
    package var connectTimeout: Duration
    /// What `pg_stat_activity` shows, unless the connection string says otherwise.
    package var applicationName: String
    /// Statements that one connection is given at once; the rest wait for whichever connection is free first.
    package var pipelineDepth: Int

    package init(
        connectionString: Redacted<String>,
        connections: Int,
        statementTimeout: Duration = .seconds(5),
        acquireTimeout: Duration = .seconds(1),
        connectTimeout: Duration = .seconds(5),
        applicationName: String = "postern",
        pipelineDepth: Int = 32
    ) {
        self.connectionString = connectionString
        self.connections = max(1, connections)
        self.statementTimeout = statementTimeout
        self.acquireTimeout = acquireTimeout
        self.connectTimeout = connectTimeout
        self.applicationName = applicationName
        self.pipelineDepth = max(1, pipelineDepth)
    }
}
