// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

/// An answer on its way to whoever waits for it.
struct RequestAnswer: Sendable {
    let continuation: CheckedContinuation<Result<ResultSet, DatabaseError>, Never>
    let result: Result<ResultSet, DatabaseError>

    func deliver() {
        continuation.resume(returning: result)
    }
}
