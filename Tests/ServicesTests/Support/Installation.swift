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
    let store = InMemoryStore()
    let transactions: InMemoryTransactions
    let users: InMemoryUserRepository
    let roleRepository: InMemoryRoleRepository
    let permissionRepository: InMemoryPermissionRepository
    let apiKeyRepository: InMemoryAPIKeyRepository
    let sessions: InMemorySessionRepository
    let audit: InMemoryAuditRepository
    let signingKeyRepository = InMemorySigningKeyRepository()
    /// What ``identities`` says.
    let log = RecordedLog()

    let secret: MasterSecret
    let format = APIKeyFormat(prefix: "pst")
    let keyHasher: APIKeyHasher
    let refreshTokenHasher: OpaqueTokenHasher
    let publicURL: PublicURL

    let signingKeys: SigningKeyService
    /// Complete, and empty until a test adds something.
    let revocations = RevocationList()
    let usage: APIKeyUsageRecorder
    let authentication: AuthenticationService
    let sessionService: SessionService
    let sessionAdministration: SessionAdministration
    let userService: UserService
    let roles: RoleService
    let permissions: PermissionService
    let apiKeys: APIKeyService
    let idempotency: IdempotencyService
    let identities: IdentityAdministration
    let authorizationCodes: AuthorizationCodeService
    let signIn: SignInService
    let links: SignInLinkService
    let bootstrap: BootstrapService

    init(
        publicURL: String = "https://id.example.com",
        providers: [any IdentityProvider] = [],
        redirectURLs: String = "",
        undoingTransactions: Bool = true
    ) throws {
        transactions = InMemoryTransactions(store: store, isUndoing: undoingTransactions)
        users = InMemoryUserRepository(store: store)
        roleRepository = InMemoryRoleRepository(store: store)
        permissionRepository = InMemoryPermissionRepository(store: store)
        apiKeyRepository = InMemoryAPIKeyRepository(store: store)
        sessions = InMemorySessionRepository(store: store)
        audit = InMemoryAuditRepository(store: store)
        secret = try MasterSecret(base64: MasterSecret.generate())
        keyHasher = try APIKeyHasher(key: secret.key(for: .apiKeyHashing))
        refreshTokenHasher = try OpaqueTokenHasher(key: secret.key(for: .refreshTokenHashing))
        self.publicURL = try PublicURL(publicURL)

        signingKeys = SigningKeyService(
            keys: signingKeyRepository,
            audit: audit,
            transactions: transactions,
            wrappingKey: try secret.key(for: .signingKeyWrapping),
            clock: clock,
            logger: Self.logger
        )
        usage = APIKeyUsageRecorder(apiKeys: apiKeyRepository, logger: Self.logger)
        // As if they were read without a pause for as long as any test takes.
        revocations.complete(asOf: .now() + .seconds(86_400))
        authentication = AuthenticationService(
            signingKeys: signingKeys,
            revocations: revocations,
            users: users,
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
            audit: audit,
            transactions: transactions,
            signingKeys: signingKeys,
            refreshTokens: refreshTokenHasher,
            issuer: self.publicURL,
            lifetimes: try TokenConfiguration(Settings(environment: [:])),
            clock: clock,
            logger: Self.logger
        )
        sessionAdministration = SessionAdministration(
            users: users,
            sessions: sessions,
            audit: audit,
            transactions: transactions,
            clock: clock
        )
        userService = UserService(
            users: users,
            roles: roleRepository,
            audit: audit,
            transactions: transactions,
            clock: clock
        )
        roles = RoleService(
            roles: roleRepository,
            permissions: permissionRepository,
            users: users,
            audit: audit,
            transactions: transactions,
            clock: clock
        )
        permissions = PermissionService(
            permissions: permissionRepository,
            users: users,
            audit: audit,
            transactions: transactions,
            clock: clock
        )
        apiKeys = APIKeyService(
            apiKeys: apiKeyRepository,
            users: users,
            audit: audit,
            transactions: transactions,
            format: format,
            hasher: keyHasher,
            clock: clock
        )
        idempotency = IdempotencyService(
            replies: InMemoryIdempotencyRepository(store: store),
            transactions: transactions,
            secret: try IdempotencySecret(secret),
            clock: clock
        )
        let loginEncryption = AuthenticatedEncryption(key: try secret.key(for: .loginState))
        identities = IdentityAdministration(
            identities: InMemoryIdentityRepository(store: store),
            users: users,
            sessions: sessions,
            audit: audit,
            transactions: transactions,
            providers: providers,
            encryption: loginEncryption,
            clock: clock,
            logger: log.logger
        )
        authorizationCodes = AuthorizationCodeService(
            codes: InMemoryAuthorizationCodeRepository(store: store),
            sessions: sessionService,
            transactions: transactions,
            hasher: try OpaqueTokenHasher(key: secret.key(for: .authorizationCodeHashing)),
            clock: clock,
            logger: Self.logger
        )
        signIn = SignInService(
            providers: providers,
            identities: IdentityService(
                identities: InMemoryIdentityRepository(store: store),
                users: users,
                audit: audit,
                transactions: transactions,
                clock: clock,
                logger: Self.logger
            ),
            sessions: sessions,
            sessionService: sessionService,
            codes: authorizationCodes,
            redirectURLs: try RedirectURL.all(Settings(environment: [SettingKey.redirectURLs: redirectURLs])),
            encryption: loginEncryption,
            publicURL: self.publicURL,
            clock: clock,
            logger: Self.logger
        )
        links = SignInLinkService(
            sessions: sessions,
            sessionService: sessionService,
            hasher: try OpaqueTokenHasher(key: secret.key(for: .signInLinkHashing)),
            publicURL: self.publicURL,
            clock: clock
        )
        bootstrap = BootstrapService(
            users: users,
            apiKeys: apiKeys,
            links: links,
            audit: audit,
            transactions: transactions,
            clock: clock
        )
    }
}
