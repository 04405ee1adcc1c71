// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Models

extension Call {
    /// Runs `body`, which may change something: its audit events tell of this request.
    func asOrigin<Value: Sendable>(
        _ body: () async throws(DomainError) -> Value
    ) async throws(DomainError) -> Value {
        let origin = RequestOrigin(requestID: request.record.current.requestID, clientAddress: clientAddress)
        return try await RequestOrigin.$current.withValue(origin) { () async -> Result<Value, DomainError> in
            do throws(DomainError) {
                return .success(try await body())
            } catch {
                return .failure(error)
            }
        }.get()
    }
}
