// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core

/// Who may call an endpoint: with which credential, holding which roles and permissions.
package struct AccessRule: Hashable, Sendable {
    /// The credentials that an endpoint takes.
    package enum Strategy: String, Hashable, Sendable {
        case accessToken
        case apiKey
        case either
    }

    package let strategy: Strategy
    /// All of these roles must be held.
    package let roles: Set<String>
    /// All of these permissions must be held.
    package let permissions: Set<String>

    /// All of these must be held when the credential is an API key: with an access token one may do it for oneself.
    package let apiKeyPermissions: Set<String>

    package init(
        _ strategy: Strategy,
        roles: Set<String> = [],
        permissions: Set<String> = [],
        apiKeyPermissions: Set<String> = []
    ) {
        self.strategy = strategy
        self.roles = roles
        self.permissions = permissions
        self.apiKeyPermissions = apiKeyPermissions
    }

    /// Lets `principal` pass.
    ///
    /// - Throws: ``ErrorCode/unauthenticated`` when the credential is of a kind that the endpoint does not take,
    ///   ``ErrorCode/forbidden`` when a role or permission is missing. The sentence names the first one missing.
    package func check(_ principal: Principal) throws(DomainError) {
        switch (strategy, principal.credential) {
        case (.either, _), (.accessToken, .accessToken), (.apiKey, .apiKey): break
        case (.accessToken, .apiKey):
            throw DomainError(.unauthenticated, "This endpoint takes an access token, not an API key.")
        case (.apiKey, .accessToken):
            throw DomainError(.unauthenticated, "This endpoint takes an API key, not an access token.")
        }
        if let role = roles.subtracting(principal.grants.roles).min() {
            throw DomainError(.forbidden, "The role \(role) is required.")
        }
        var permissions = permissions
        if case .apiKey = principal.credential { permissions.formUnion(apiKeyPermissions) }
        if let permission = permissions.subtracting(principal.grants.permissions).min() {
            throw DomainError(.forbidden, "The permission \(permission) is required.")
        }
    }
}
