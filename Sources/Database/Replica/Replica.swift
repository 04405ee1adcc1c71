// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Logging
import Synchronization

/// A standby that answers reads as if it were the primary, or not at all.
///
/// For each read the primary is asked how far it is, which costs it next to nothing, and the answer of the standby counts
/// when it had come as far before it read. So whatever was confirmed to anybody before the read began is in it, on
/// whichever connection, worker or host it was written.
package final class Replica: Sendable {
    /// How long to wait before each time that a standby is asked again which is behind: it usually is by very little.
    private static let pauses: [Duration] = [.milliseconds(2), .milliseconds(5), .milliseconds(10), .milliseconds(20)]

    package let pool: DatabasePool
    private let observer: (any ReplicaObserver)?
    private let logger: Logger
    private let standing = Mutex(ReplicaStanding())

    /// - Parameters:
    ///   - pool: The connections to it.
    ///   - observer: Is told of every read that it may answer, if anyone.
    ///   - logger: Is told when it is of no use for a while, and when it is again.
    package init(pool: DatabasePool, observer: (any ReplicaObserver)? = nil, logger: Logger) {
        self.pool = pool
        self.observer = observer
        self.logger = logger
    }

    /// Asks the standby, if it is of use.
    ///
    /// - Parameters:
    ///   - statement: One that only reads.
    ///   - parameters: Its parameters.
    ///   - primary: Where writes go; it is asked outside of transactions.
    /// - Returns: What the statement gives; nil when the primary has to be asked, for whatever reason.
    /// - Throws: ``DatabaseError`` when the primary is out of reach.
    package func answer(
        _ statement: Statement,
        _ parameters: [Parameter],
        asOf primary: some StatementExecutor
    ) async throws(DatabaseError) -> ResultSet? {
        let (outcome, answer) = try await ask(statement, parameters, asOf: primary)
        observer?.read(outcome)
        return answer
    }

    private func ask(
        _ statement: Statement,
        _ parameters: [Parameter],
        asOf primary: some StatementExecutor
    ) async throws(DatabaseError) -> (ReplicaOutcome, ResultSet?) {
        guard pool.isConnected else { return (.disconnected, nil) }
        guard standing.withLock({ $0.mayAsk(at: .now()) }) else { return (.resting, nil) }
        let position: PrimaryPosition?
        do {
            // Asked after the request came in, so that it covers what was written before.
            position = try await PrimaryPosition.now(of: primary)
        } catch {
            // Asked for the statement itself, it would let the caller wait for as long again.
            guard !error.isUnavailable, error.code != .cancelled else { throw error }
            return (.failed, nil)
        }
        guard let position else { return (.failed, nil) }
        var outcome = ReplicaOutcome.behind
        var obstacle = PrimaryPosition.behind
        for pause in [.zero] + Self.pauses where outcome == .behind {
            if pause > .zero { try? await TaskTimer.sleep(for: pause) }
            do {
                let answer = try await pool.execute(
                    statement,
                    parameters,
                    behind: PrimaryPosition.isReached,
                    position.parameters
                )
                obstacle = try answer.question.first?.decode(0) ?? ""
                guard obstacle != PrimaryPosition.reached else {
                    succeeded()
                    return (.answered, answer.statement)
                }
                outcome = obstacle == PrimaryPosition.behind ? .behind : .unfit
            } catch {
                // Not what is wrong with one statement: what a standby ends to go on replaying, for example.
                guard error.isUnavailable else { return (.failed, nil) }
                obstacle = "\(error)"
                outcome = .failed
            }
        }
        failed(because: obstacle)
        return (outcome, nil)
    }

    private func succeeded() {
        guard standing.withLock({ $0.succeeded() }) else { return }
        logger.notice("the replica is used again")
    }

    private func failed(because obstacle: String) {
        guard standing.withLock({ $0.failed(at: .now()) }) else { return }
        logger.warning("the replica is not used; the primary serves all reads", metadata: ["detail": "\(obstacle)"])
    }
}
