// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Services

/// The services that endpoints call.
package struct APIServices: Sendable {
    package let authentication: AuthenticationService
    package let signIn: SignInService
    package let identities: IdentityAdministration
    package let authorizationCodes: AuthorizationCodeService
    package let signInLinks: SignInLinkService
    package let sessions: SessionService
    package let sessionAdministration: SessionAdministration
    package let signingKeys: SigningKeyService
    package let users: UserService
    package let roles: RoleService
    package let permissions: PermissionService
    package let apiKeys: APIKeyService
    package let audit: AuditService
    package let idempotency: IdempotencyService
    package let health: HealthService

    package init(
        authentication: AuthenticationService,
        signIn: SignInService,
        identities: IdentityAdministration,
        authorizationCodes: AuthorizationCodeService,
        signInLinks: SignInLinkService,
        sessions: SessionService,
        sessionAdministration: SessionAdministration,
        signingKeys: SigningKeyService,
        users: UserService,
        roles: RoleService,
        permissions: PermissionService,
        apiKeys: APIKeyService,
        audit: AuditService,
        idempotency: IdempotencyService,
        health: HealthService
    ) {
        self.authentication = authentication
        self.signIn = signIn
        self.identities = identities
        self.authorizationCodes = authorizationCodes
        self.signInLinks = signInLinks
        self.sessions = sessions
        self.sessionAdministration = sessionAdministration
        self.signingKeys = signingKeys
        self.users = users
        self.roles = roles
        self.permissions = permissions
        self.apiKeys = apiKeys
        self.audit = audit
        self.idempotency = idempotency
        self.health = health
    }

    /// The OpenAPI document.
    package var openAPIDocument: [UInt8] { OpenAPIEndpoints(describing: operations).document }

    /// Everything that can be called.
    var endpoints: [Endpoint] {
        operations + OpenAPIEndpoints(describing: operations).endpoints + DocsEndpoints().endpoints
    }

    /// What programs call.
    private var operations: [Endpoint] {
        (HealthEndpoints(health).endpoints + WellKnownEndpoints(signingKeys, issuer: sessions.issuer).endpoints)
            .map { $0.limited(by: .none) }
            + SignInEndpoints(signIn).endpoints
            + [TokenEndpoint(authorizationCodes, sessions).endpoint]
            + SignInLinkEndpoints(signInLinks).endpoints
            + [RefreshEndpoint(sessions).endpoint, VerifyEndpoint().endpoint]
            + IntrospectionEndpoints(sessions).endpoints
            + SessionEndpoints(sessionAdministration).endpoints
            + UserSessionEndpoints(sessionAdministration).endpoints
            + IdentityEndpoints(signIn, identities).endpoints
            + UserIdentityEndpoints(identities).endpoints
            + OwnUserEndpoints(users).endpoints
            + UserEndpoints(users).endpoints
            + UserRoleEndpoints(users).endpoints
            + RoleEndpoints(roles).endpoints
            + RolePermissionEndpoints(roles).endpoints
            + PermissionEndpoints(permissions).endpoints
            + APIKeyEndpoints(apiKeys).endpoints
            + APIKeyChangeEndpoints(apiKeys).endpoints
            + AuditEndpoints(audit).endpoints
            + ExampleEndpoints().endpoints
    }
}
