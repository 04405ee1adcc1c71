// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

/// What runs statements: the pool, or a transaction on one of its connections.
package protocol StatementExecutor: Sendable {
    /// Runs `statement` with `parameters`, the first of which stands for `$1`, and gives all rows of the answer.
    ///
    /// - Throws: ``DatabaseError``; its code tells whether the database, the statement or the network is to blame.
    func execute(_ statement: Statement, _ parameters: [Parameter]) async throws(DatabaseError) -> ResultSet
}

extension StatementExecutor {
    /// Runs a statement that has no parameters.
    package func execute(_ statement: Statement) async throws(DatabaseError) -> ResultSet {
        try await execute(statement, [])
    }
}
