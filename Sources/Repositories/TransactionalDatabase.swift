// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Database
import Models

/// The pool as repositories see it: a statement joins the transaction of its task, or else is one of its own.
///
/// Repositories and services are given the same one, so that what a service does in ``run(_:)`` reaches the
/// repositories without being passed on by hand.
///
/// A body lets the errors of repositories through: after one of the database's, PostgreSQL refuses every further
/// statement of the transaction, and its COMMIT.
package struct TransactionalDatabase: StatementExecutor, Transactions {
    @TaskLocal private static var current: OpenTransaction?
    private let pool: DatabasePool
    private let places: TransactionPlaces

    /// Leaves one of the pool's connections, when it has several, to statements outside of transactions.
    ///
    /// - Parameters:
    ///   - pool: Where transactions run.
    ///   - patience: How long one waits for its place, which is as long as a statement waits for a connection: a caller
    ///     who is told to try again is better off than one who hangs.
    package init(pool: DatabasePool, patience: Duration = .seconds(1)) {
        self.pool = pool
        self.places = TransactionPlaces(max(1, pool.connections - 1), patience: patience)
    }

    /// The transaction of this task, unless it is over or one of another database.
    private var transaction: OpenTransaction? {
        guard let current = Self.current, current.pool === pool, current.isOpen else { return nil }
        return current
    }

    /// Whether statements of this task join a transaction.
    var isInTransaction: Bool { transaction != nil }

    package func execute(
        _ statement: Statement,
        _ parameters: [Parameter]
    ) async throws(DatabaseError) -> ResultSet {
        if let result = try await transaction?.execute(statement, parameters) { return result }
        return try await pool.execute(statement, parameters)
    }

    package func run<Value: Sendable>(
        _ body: @escaping @Sendable () async throws(DomainError) -> Value
    ) async throws(DomainError) -> Value {
        guard transaction == nil else { return try await body() }
        switch await places.take() {
        case .taken: break
        case .cancelled: throw DomainError(DatabaseError(.cancelled))
        case .late: throw DomainError(DatabaseError(.unavailable, detail: "too many transactions are waiting"))
        }
        defer { places.giveBack() }
        do {
            let (value, actions) = try await pool.transaction { executor in
                let transaction = OpenTransaction(executor, of: pool)
                let result = await Self.$current.withValue(transaction) {
                    () async -> Result<Value, DomainError> in
                    do throws(DomainError) {
                        return .success(try await body())
                    } catch {
                        return .failure(error)
                    }
                }
                await transaction.close()
                return (try result.get(), transaction.actions)
            }
            for action in actions { action() }
            return value
        } catch let error as DatabaseError {
            throw DomainError(error)
        } catch let error as DomainError {
            throw error
        } catch {
            throw DomainError(.internal, "Something went wrong on our side.", cause: error)
        }
    }

    package func afterCommit(_ action: @escaping @Sendable () -> Void) {
        if let transaction { transaction.afterCommit(action) } else { action() }
    }

    /// One row that whoever changes access locks first.
    ///
    /// Not `for update`: a foreign key's check, as of somebody who becomes an administrator, need not wait for it.
    private static let lockAccess = Statement.write(
        """
        select id
        from roles
        where name = 'admin'
        for no key update
        """
    )

    package func runExclusively<Value: Sendable>(
        _ body: @escaping @Sendable () async throws(DomainError) -> Value
    ) async throws(DomainError) -> Value {
        try await run { () async throws(DomainError) -> Value in
            let locked = try await run(Self.lockAccess, [])
            guard locked.count == 1 else {
                throw DomainError(.internal, "Something went wrong on our side.")
            }
            return try await body()
        }
    }
}
