// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Database

/// The database for reads that a replica may answer: outside of transactions it is asked first, and else the primary.
package struct ReplicatedDatabase: StatementExecutor {
    private let primary: TransactionalDatabase
    private let replica: Replica

    package init(primary: TransactionalDatabase, replica: Replica) {
        self.primary = primary
        self.replica = replica
    }

    package func execute(
        _ statement: Statement,
        _ parameters: [Parameter]
    ) async throws(DatabaseError) -> ResultSet {
        if statement.effect == .read, !primary.isInTransaction,
            let answer = try await replica.answer(statement, parameters, asOf: primary)
        {
            return answer
        }
        return try await primary.execute(statement, parameters)
    }
}
