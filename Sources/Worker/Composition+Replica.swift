// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Database
import Logging
import SharedMemory

extension Composition {
    /// The replica that may answer lists; nil when none is named.
    static func replica(
        _ configuration: DatabaseConfiguration,
        metrics: SlotMetrics?,
        logger: Logger
    ) -> Replica? {
        replicaPool(configuration).map { pool in
            var logger = logger
            logger[metadataKey: "server"] = "replica"
            return Replica(
                pool: DatabasePool(configuration: pool, logger: logger),
                observer: metrics.map(ReplicaMetrics.init),
                logger: logger
            )
        }
    }

    /// - Throws: ``ConfigurationError`` when libpq cannot read the connection string of the replica.
    static func checkReplica(_ configuration: DatabaseConfiguration) throws(ConfigurationError) {
        do throws(DatabaseError) {
            try replicaPool(configuration)?.check()
        } catch {
            throw ConfigurationError(
                SettingKey.replicaDatabaseURL,
                "must be a URI, or keywords and values, as libpq reads it"
            )
        }
    }

    /// Short of patience: there is the primary to ask.
    private static func replicaPool(_ configuration: DatabaseConfiguration) -> DatabasePoolConfiguration? {
        configuration.replicaURL.map { url in
            DatabasePoolConfiguration(
                connectionString: url,
                connections: configuration.poolSize,
                statementTimeout: .seconds(1),
                acquireTimeout: .milliseconds(100),
                connectTimeout: .seconds(2),
                preparesStatements: configuration.preparesStatements,
                isForStandbys: true
            )
        }
    }
}
