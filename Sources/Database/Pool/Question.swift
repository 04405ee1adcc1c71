// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// A statement that goes right before another one, on the same connection.
///
/// Each connection of a pool may lead to another server, and only the one that answered the question is known to be as
/// it said. Each of the two sees what is committed when it begins itself: what the question found, the other one finds.
final class Question: Sendable {
    let statement: Statement
    let parameters: EncodedParameters
    private let received = Mutex<ResultSet?>(nil)

    init(_ statement: Statement, _ parameters: EncodedParameters) {
        self.statement = statement
        self.parameters = parameters
    }

    /// What the server answered; nil before it did.
    var answer: ResultSet? {
        received.withLock { $0 }
    }

    /// Notes what the server answered.
    func receive(_ result: ResultSet) {
        received.withLock { $0 = result }
    }
}
