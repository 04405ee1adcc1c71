// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core

extension DatabasePool {
    /// How often one transaction is tried at most.
    static let maximumAttempts = 3
    /// The first pause is at most twice this long, and each one at most twice the one before.
    private static let pause = Duration.milliseconds(5)

    /// Runs `attempt` again while it fails in a way that is known to have left nothing behind, and that may pass.
    ///
    /// Not for ever: no attempt begins when a statement would have had to end, counted from the first, or when the task
    /// is cancelled, as that of a request is at its deadline. Somebody who waits for a connection in vain does not come
    /// back to the end of the line.
    func retrying<Value, Failure: Error>(
        _ attempt: () async throws(Failure) -> Value
    ) async throws(Failure) -> Value {
        let start = MonotonicTime.now()
        var attempts = 1
        while true {
            do throws(Failure) {
                return try await attempt()
            } catch {
                guard
                    DatabaseError(behind: error)?.isRetryable == true, attempts < Self.maximumAttempts,
                    MonotonicTime.now() - start < configuration.statementTimeout
                else { throw error }
                // Two that were in each other's way would meet again if they were in step.
                try? await TaskTimer.sleep(for: Self.pause * (1 << attempts) * .random(in: 0...1))
                if Task.isCancelled { throw error }
                attempts += 1
            }
        }
    }
}

extension DatabaseError {
    /// The error of the database that `error` is, or that it was caused by; nil when there is none.
    init?(behind error: any Error) {
        guard let found = error as? DatabaseError ?? (error as? DomainError)?.cause as? DatabaseError else {
            return nil
        }
        self = found
    }
}
