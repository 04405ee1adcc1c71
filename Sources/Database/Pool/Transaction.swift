// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

/// A transaction on a connection that the pool has leased to it.
struct Transaction: StatementExecutor {
    private static let begin = Statement.write("begin isolation level read committed")
    private static let commit = Statement.write("commit")
    private static let rollback = Statement.write("rollback")

    let pool: DatabasePool
    let lease: Lease

    func execute(
        _ statement: Statement,
        _ parameters: [Parameter]
    ) async throws(DatabaseError) -> ResultSet {
        try await pool.send(statement, parameters, route: .inTransaction(lease))
    }

    func begin() async throws(DatabaseError) {
        _ = try await pool.send(Self.begin, [], route: .begin(lease))
    }

    func commit() async throws(DatabaseError) {
        _ = try await pool.send(Self.commit, [], route: .commit(lease))
    }

    /// Undoes the transaction.
    ///
    /// It cannot fail: a connection that does not answer to this is dropped, and the server rolls back what a lost
    /// connection leaves open.
    func rollback() async {
        _ = try? await pool.send(Self.rollback, [], route: .rollback(lease))
    }
}
