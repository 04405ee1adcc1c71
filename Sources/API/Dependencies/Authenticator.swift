// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Cryptography
import Models
import NIOHTTP1
import Services

/// Finds out who is calling.
struct Authenticator: Sendable {
    private let authentication: AuthenticationService
    private let limits: RateLimits

    init(_ authentication: AuthenticationService, _ limits: RateLimits) {
        self.authentication = authentication
        self.limits = limits
    }

    /// Who is calling.
    ///
    /// - Parameters:
    ///   - headers: Of the request.
    ///   - address: Where it comes from.
    /// - Returns: The caller.
    /// - Throws: ``ErrorCode/unauthenticated``, ``ErrorCode/malformed`` for two credentials at once,
    ///   ``ErrorCode/rateLimited``, ``ErrorCode/unavailable`` when it cannot be found out.
    func principal(_ headers: HTTPHeaders, from address: IPAddress?) async throws(DomainError) -> Principal {
        switch try Credential(headers) {
        case .accessToken(let token): return try await principal(accessToken: token, from: address)
        case .apiKey(let key): return try await principal(apiKey: key, from: address)
        case nil: throw DomainError(.unauthenticated, "A credential is required.")
        }
    }

    /// A good token passes however many bad ones come from its address: to see that it is good takes no look-up.
    private func principal(accessToken: String, from address: IPAddress?) async throws(DomainError) -> Principal {
        let principal: Principal
        do throws(DomainError) {
            principal = try await authentication.principal(accessToken: accessToken)
        } catch {
            // That a token was good once is no failure: every client comes with an expired one before it refreshes.
            if let cause = error.cause as? TokenError, cause.code != .expired {
                try limits.countFailedCredential(from: address)
            }
            throw error
        }
        try limits.admit(user: principal.userID)
        return principal
    }

    private func principal(apiKey: String, from address: IPAddress?) async throws(DomainError) -> Principal {
        try limits.admit(apiKey: apiKey, from: address)
        do throws(DomainError) {
            let principal = try await authentication.principal(apiKey: apiKey)
            limits.noteGood(apiKey: apiKey)
            return principal
        } catch {
            if error.code == .unauthenticated { try limits.countFailedCredential(from: address) }
            throw error
        }
    }
}
