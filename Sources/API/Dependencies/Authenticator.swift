// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import HTTPTypes
import Models
import Services

/// Lets a request pass a rule, or not.
struct Authenticator: Sendable {
    private let authentication: AuthenticationService

    init(_ authentication: AuthenticationService) {
        self.authentication = authentication
    }

    /// Who is calling, when `rule` lets them.
    ///
    /// - Throws: ``ErrorCode/unauthenticated``, ``ErrorCode/forbidden``, ``ErrorCode/malformed`` for two credentials at
    ///   once, ``ErrorCode/unavailable`` when it cannot be found out.
    func principal(_ headers: HTTPFields, rule: AccessRule) async throws(DomainError) -> Principal {
        let principal: Principal
        switch try Credential(headers) {
        case .accessToken(let token):
            principal = try authentication.principal(accessToken: token)
        case .apiKey(let key):
            principal = try await authentication.principal(apiKey: key)
        case nil:
            throw DomainError(.unauthenticated, "A credential is required.")
        }
        try rule.check(principal)
        return principal
    }
}
