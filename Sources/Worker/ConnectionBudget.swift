// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Database
import Logging

/// How many connections to the database an installation may have open at once on this host.
package struct ConnectionBudget: Hashable, Sendable {
    /// A migration, somebody with `psql`, and a backup.
    private static let others = 3

    private let workers: Int
    private let poolSize: Int

    package init(workers: Int, poolSize: Int) {
        self.workers = workers
        self.poolSize = poolSize
    }

    /// The connections of all workers, each with one more for revocations, of one worker that is being replaced by
    /// another, and of others.
    package var needed: Int { (workers + 1) * (poolSize + 1) + Self.others }

    /// How many workers a database that has `limit` connections has room for.
    package func workersThatFit(in limit: Int) -> Int {
        (limit - Self.others) / (poolSize + 1) - 1
    }

    /// Refuses a number of connections that the database does not have.
    ///
    /// - Throws: ``ConfigurationError``.
    package func check(limit: Int) throws(ConfigurationError) {
        guard needed > limit else { return }
        throw ConfigurationError(
            SettingKey.poolSize,
            """
            makes (\(workers) workers + 1) × (\(poolSize) + 1) + \(Self.others) = \(needed) connections, and the database \
            has \(limit) at most: lower it or \(SettingKey.workers), or raise max_connections of PostgreSQL
            """
        )
    }

    /// The connections to the replica, which no migration and no revocations need.
    var neededOfReplica: Int { (workers + 1) * poolSize + Self.others }

    /// Says in the log whether the replica has room; without it, the primary serves more of the reads.
    package func checkReplica(_ database: DatabaseConfiguration, logger: Logger) {
        guard let url = database.replicaURL, database.preparesStatements else { return }
        var metadata: Logger.Metadata = ["needed": "\(neededOfReplica)"]
        do throws(DatabaseError) {
            let limit = try ConnectionLimit.read(from: url, isForStandbys: true)
            metadata["limit"] = "\(limit)"
            logger.log(
                level: limit < neededOfReplica ? .warning : .notice,
                "connections to the replica",
                metadata: metadata
            )
        } catch {
            logger.warning(
                "replica not reached; its limit of connections is not known",
                error: error,
                metadata: metadata
            )
        }
    }

    /// Asks the database whether it has room for all of them.
    ///
    /// A database that does not answer is no reason not to start. A pooler is not asked: what its clients may open is not
    /// what its database says.
    ///
    /// - Returns: How many workers there is room for; nil when that is not known.
    /// - Throws: ``ConfigurationError`` when there is not enough room, or libpq cannot read the connection string.
    package func check(_ database: DatabaseConfiguration, logger: Logger) throws(ConfigurationError) -> Int? {
        guard database.preparesStatements else {
            logger.notice("connections to the pooler", metadata: ["needed": "\(needed)"])
            return nil
        }
        let limit: Int
        do throws(DatabaseError) {
            limit = try ConnectionLimit.read(from: database.url)
        } catch {
            guard error.code != .malformedConnectionString else {
                throw ConfigurationError(
                    SettingKey.databaseURL,
                    "must be a URI, or keywords and values, as libpq reads it"
                )
            }
            logger.warning(
                "database not reached; its limit of connections is not known",
                error: error,
                metadata: ["needed": "\(needed)"]
            )
            return nil
        }
        logger.notice("connections to the database", metadata: ["needed": "\(needed)", "limit": "\(limit)"])
        try check(limit: limit)
        return workersThatFit(in: limit)
    }
}
