// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import HTTPTypes
import Models
import Services

/// Finds out who is calling.
struct Authenticator: Sendable {
    private let authentication: AuthenticationService

    init(_ authentication: AuthenticationService) {
        self.authentication = authentication
    }

    /// Who is calling.
    ///
    /// - Throws: ``ErrorCode/unauthenticated``, ``ErrorCode/malformed`` for two credentials at once,
    ///   ``ErrorCode/unavailable`` when it cannot be found out.
    func principal(_ headers: HTTPFields) async throws(DomainError) -> Principal {
        switch try Credential(headers) {
        case .accessToken(let token): try await authentication.principal(accessToken: token)
        case .apiKey(let key): try await authentication.principal(apiKey: key)
        case nil: throw DomainError(.unauthenticated, "A credential is required.")
        }
    }
}
