// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Cryptography
import Logging
import Models
import Services
import Testing

/// The services on repositories in memory.
struct Installation {
    static let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    let clock = FixedClock()
    let users = InMemoryUserRepository()
    let apiKeyRepository: InMemoryAPIKeyRepository
    let sessions = InMemorySessionRepository()
    let signingKeyRepository = InMemorySigningKeyRepository()

    let secret: MasterSecret
    let format = APIKeyFormat(prefix: "pst")
    let keyHasher: APIKeyHasher
    let refreshTokenHasher: OpaqueTokenHasher
    let publicURL: PublicURL

    let signingKeys: SigningKeyService
    let usage: APIKeyUsageRecorder
    let authentication: AuthenticationService
    let sessionService: SessionService
    let apiKeys: APIKeyService
    let signIn: SignInService
    let links: SignInLinkService
    let bootstrap: BootstrapService

    init(publicURL: String = "https://id.example.com", providers: [any IdentityProvider] = []) throws {
        apiKeyRepository = InMemoryAPIKeyRepository(users: users)
        secret = try MasterSecret(base64: MasterSecret.generate())
        keyHasher = try APIKeyHasher(key: secret.key(for: .apiKeyHashing))
        refreshTokenHasher = try OpaqueTokenHasher(key: secret.key(for: .refreshTokenHashing))
        self.publicURL = try PublicURL(publicURL)

        signingKeys = SigningKeyService(
            keys: signingKeyRepository,
            wrappingKey: try secret.key(for: .signingKeyWrapping),
            clock: clock,
            logger: Self.logger
        )
        usage = APIKeyUsageRecorder(apiKeys: apiKeyRepository, logger: Self.logger)
        authentication = AuthenticationService(
            signingKeys: signingKeys,
            apiKeys: apiKeyRepository,
            keyFormat: format,
            keyHasher: keyHasher,
            usage: usage,
            issuer: self.publicURL,
            clock: clock
        )
        sessionService = SessionService(
            users: users,
            sessions: sessions,
            signingKeys: signingKeys,
            refreshTokens: refreshTokenHasher,
            issuer: self.publicURL,
            lifetimes: try TokenConfiguration(Settings(environment: [:])),
            clock: clock
        )
        apiKeys = APIKeyService(
            apiKeys: apiKeyRepository,
            users: users,
            format: format,
            hasher: keyHasher,
            clock: clock
        )
        signIn = SignInService(
            providers: providers,
            users: users,
            sessions: sessions,
            sessionService: sessionService,
            encryption: AuthenticatedEncryption(key: try secret.key(for: .loginState)),
            publicURL: self.publicURL,
            clock: clock
        )
        links = SignInLinkService(
            sessions: sessions,
            sessionService: sessionService,
            hasher: try OpaqueTokenHasher(key: secret.key(for: .signInLinkHashing)),
            publicURL: self.publicURL,
            clock: clock
        )
        bootstrap = BootstrapService(users: users, apiKeys: apiKeys, links: links, clock: clock)
    }

    /// A user with an address of their own, who is there from now on.
    @discardableResult
    func addUser(
        _ name: String = "ada",
        isActive: Bool = true,
        grants: Grants = Grants(roles: ["user"])
    ) throws -> User {
        let user = User(
            id: .make(at: clock.now()),
            email: try #require(EmailAddress("\(name)@example.com")),
            isEmailVerified: true,
            displayName: name,
            isActive: isActive,
            createdAt: clock.now(),
            updatedAt: clock.now()
        )
        users.put(UserProfile(user: user, grants: grants))
        return user
    }

    /// Makes the user inactive.
    func deactivate(_ user: User) throws {
        let profile = try #require(try users.profile(of: user.id))
        users.put(
            UserProfile(
                user: User(
                    id: user.id,
                    email: user.email,
                    isEmailVerified: user.isEmailVerified,
                    displayName: user.displayName,
                    isActive: false,
                    createdAt: user.createdAt,
                    updatedAt: user.updatedAt
                ),
                grants: profile.grants
            )
        )
    }
}
