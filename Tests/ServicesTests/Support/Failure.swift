// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Testing

/// The error that `body` throws; nil when it succeeds.
func failure<Value>(_ body: () async throws -> Value) async -> DomainError? {
    do {
        _ = try await body()
    } catch let error as DomainError {
        return error
    } catch {
        Issue.record(error, "not a DomainError")
    }
    return nil
}
