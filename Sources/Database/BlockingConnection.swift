// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

package import Core

/// One connection whose calls block the thread, for commands: migrations, doctor. Never in a worker's request path.
package final class BlockingConnection {
    /// Connects, waiting at most `connectTimeout` for each host that `connectionString` names.
    ///
    /// - Throws: ``DatabaseError`` with code ``DatabaseError/Code/unavailable``.
    package init(connectionString: Redacted<String>, connectTimeout: Duration) throws(DatabaseError) {
        throw DatabaseError(.unavailable)
    }

    /// Runs a script of any number of statements over the simple protocol; what is not in a transaction block of the
    /// script is one transaction.
    ///
    /// - Throws: ``DatabaseError``, with the position of a syntax error.
    package func execute(script: String) throws(DatabaseError) {
        throw DatabaseError(.unavailable)
    }

    /// Runs one statement with its parameters.
    package func execute(
        _ statement: Statement,
        _ parameters: [Parameter] = []
    ) throws(DatabaseError) -> ResultSet {
        throw DatabaseError(.unavailable)
    }
}
