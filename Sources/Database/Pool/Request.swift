// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

/// A statement on its way through the database thread, and who waits for its answer.
final class Request: Sendable {
    /// Where the statement may run.
    enum Route: Hashable, Sendable {
        /// On any connection, between the statements of others.
        case shared
        /// On any connection, which is the transaction's from then on.
        case begin(Lease)
        case inTransaction(Lease)
        case commit(Lease)
        case rollback(Lease)
        /// On a new connection, before anything else: it sets up the session, and nobody waits for it.
        case session
        /// Before another statement, which waits for both.
        case question

        /// Whether the statement has to be sent even by a task that is cancelled.
        var endsTransaction: Bool {
            switch self {
            case .commit, .rollback: true
            case .shared, .begin, .inTransaction, .session, .question: false
            }
        }
    }

    let number: UInt64
    let statement: Statement
    let parameters: EncodedParameters
    let route: Route
    /// What goes right before it on its connection; or what it is itself, see ``Route/question``.
    let question: Question?
    let continuation: CheckedContinuation<Result<ResultSet, DatabaseError>, Never>?

    init(
        number: UInt64,
        statement: Statement,
        parameters: EncodedParameters,
        route: Route,
        question: Question? = nil,
        continuation: CheckedContinuation<Result<ResultSet, DatabaseError>, Never>?
    ) {
        self.number = number
        self.statement = statement
        self.parameters = parameters
        self.route = route
        self.question = question
        self.continuation = continuation
    }

    /// Whether it may be given to the server more than once: it reads, or begins a transaction that came to nothing.
    ///
    /// Not with a question: what was answered is nothing about the connection that it would be sent on next.
    var isRepeatable: Bool {
        switch route {
        case .shared: statement.effect == .read && question == nil
        case .begin: true
        case .inTransaction, .commit, .rollback, .session, .question: false
        }
    }

    /// What it is to whoever measures it; nil for what nobody waits for.
    var operation: DatabaseOperation? {
        switch route {
        case .shared, .inTransaction: statement.effect == .read ? .read : .write
        case .begin: .begin
        case .commit: .commit
        case .rollback: .rollback
        case .session, .question: nil
        }
    }

    /// Whether it is committed only when its group ends, after it was answered.
    var commitsAtSync: Bool {
        route == .shared && statement.effect == .write
    }

    /// Whether an error that ended its connection leaves open what the statement did.
    ///
    /// What is lost inside a transaction is rolled back for certain, and a late write is a timeout to its caller.
    func isUncertain(after error: DatabaseError) -> Bool {
        switch route {
        case .commit: true
        case .shared: statement.effect == .write && error.code != .timeout
        case .begin, .inTransaction, .rollback, .session, .question: false
        }
    }
}
