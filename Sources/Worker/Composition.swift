// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import API
import Core
import Cryptography
import Database
import Logging
import Repositories
import Services

/// Builds every service out of the configuration: the one place that knows which part gets which.
package struct Composition: Sendable {
    package let database: DatabasePool
    /// One connection, on which nothing waits for requests.
    ///
    /// A worker starts it; commands have no use for it.
    let revocationDatabase: DatabasePool
    /// A standby that may answer lists, if there is one.
    ///
    /// A worker starts it; commands have no use for it.
    let replica: Replica?
    let schema: SchemaCheck
    package let signingKeys: SigningKeyService
    let revocations: RevocationService
    package let bootstrap: BootstrapService
    let usage: APIKeyUsageRecorder
    let sessions: PostgresSessionRepository
    let idempotentReplies: PostgresIdempotencyRepository
    let services: APIServices
    let responder: APIResponder

    /// - Parameters:
    ///   - configuration: The settings.
    ///   - isDraining: Whether the process is about to stop.
    ///   - scoreboard: Where the workers of this host count together; without it, each counts for itself.
    ///   - observer: Is told of every request, if anyone.
    ///   - logger: The log of all of it.
    /// - Throws: ``ConfigurationError`` when `POSTERN_SECRET` is not good enough or an issuer is no acceptable address;
    ///   ``CryptoError`` when OpenSSL fails.
    package init(
        _ configuration: Configuration,
        isDraining: @escaping @Sendable () -> Bool = { false },
        scoreboard: WorkerScoreboard? = nil,
        observer: (any RequestObserver)? = nil,
        logger: Logger
    ) throws {
        let clock = SystemClock()
        let secret = try Self.masterSecrets(configuration.secret)
        let publicURL = configuration.server.publicURL

        database = DatabasePool(
            configuration: DatabasePoolConfiguration(
                connectionString: configuration.database.url,
                connections: configuration.database.poolSize,
                preparesStatements: configuration.database.preparesStatements
            ),
            logger: logger
        )
        revocationDatabase = DatabasePool(
            configuration: DatabasePoolConfiguration(
                connectionString: configuration.database.url,
                connections: 1,
                statementTimeout: RevocationService.patience,
                acquireTimeout: RevocationService.patience,
                connectTimeout: .seconds(2),
                applicationName: "postern revocations",
                preparesStatements: configuration.database.preparesStatements
            ),
            logger: logger
        )
        let schema = SchemaCheck(database, logger: logger)
        self.schema = schema
        // What services run in one transaction, and the repositories that take part in it, must share it.
        let store = TransactionalDatabase(pool: database)
        replica = Self.replica(configuration.database, metrics: scoreboard?.metrics, logger: logger)
        let reader = replica.map { ReplicatedDatabase(primary: store, replica: $0) }
        let users = PostgresUserRepository(database: store, reader: reader)
        let roles = PostgresRoleRepository(database: store, reader: reader)
        let permissions = PostgresPermissionRepository(database: store, reader: reader)
        let apiKeys = PostgresAPIKeyRepository(database: store, reader: reader)
        let audit = PostgresAuditRepository(database: store, reader: reader)
        sessions = PostgresSessionRepository(database: store)
        idempotentReplies = PostgresIdempotencyRepository(database: store)
        signingKeys = SigningKeyService(
            keys: PostgresSigningKeyRepository(database: store),
            audit: audit,
            transactions: store,
            wrappingKey: try secret.key(for: .signingKeyWrapping),
            previousWrappingKey: try secret.previousKey(for: .signingKeyWrapping),
            clock: clock,
            logger: logger
        )
        let revocationList = RevocationList()
        revocations = RevocationService(
            revocations: PostgresRevocationRepository(database: store, reader: revocationDatabase),
            list: revocationList,
            clock: clock,
            logger: logger
        )
        usage = APIKeyUsageRecorder(apiKeys: apiKeys, logger: logger)

        let keyFormat = APIKeyFormat(prefix: configuration.tokens.apiKeyPrefix)
        let keyHasher = try APIKeyHasher(
            key: secret.key(for: .apiKeyHashing),
            previous: secret.previousKey(for: .apiKeyHashing)
        )
        let sessionService = SessionService(
            users: users,
            sessions: sessions,
            audit: audit,
            transactions: store,
            signingKeys: signingKeys,
            refreshTokens: try secret.tokenHasher(for: .refreshTokenHashing),
            issuer: publicURL,
            lifetimes: configuration.tokens,
            clock: clock,
            logger: logger
        )
        let identityRepository = PostgresIdentityRepository(database: store)
        let providers = try Self.providers(configuration, clock: clock)
        let loginEncryption = try secret.encryption(for: .loginState)
        let authorizationCodes = AuthorizationCodeService(
            codes: PostgresAuthorizationCodeRepository(database: store),
            sessions: sessionService,
            transactions: store,
            hasher: try secret.tokenHasher(for: .authorizationCodeHashing),
            clock: clock,
            logger: logger
        )
        let signInLinks = SignInLinkService(
            sessions: sessions,
            sessionService: sessionService,
            hasher: try secret.tokenHasher(for: .signInLinkHashing),
            publicURL: publicURL,
            clock: clock
        )
        let keyService = APIKeyService(
            apiKeys: apiKeys,
            users: users,
            audit: audit,
            transactions: store,
            format: keyFormat,
            hasher: keyHasher,
            clock: clock
        )
        bootstrap = BootstrapService(
            users: users,
            apiKeys: keyService,
            links: signInLinks,
            audit: audit,
            transactions: store,
            clock: clock
        )

        services = APIServices(
            authentication: AuthenticationService(
                signingKeys: signingKeys,
                revocations: revocationList,
                users: users,
                apiKeys: apiKeys,
                keyFormat: keyFormat,
                keyHasher: keyHasher,
                usage: usage,
                issuer: publicURL,
                clock: clock
            ),
            signIn: SignInService(
                providers: providers,
                identities: IdentityService(
                    identities: identityRepository,
                    users: users,
                    audit: audit,
                    transactions: store,
                    clock: clock,
                    logger: logger
                ),
                sessions: sessions,
                sessionService: sessionService,
                codes: authorizationCodes,
                redirectURLs: configuration.redirectURLs,
                encryption: loginEncryption,
                publicURL: publicURL,
                clock: clock,
                logger: logger
            ),
            identities: IdentityAdministration(
                identities: identityRepository,
                users: users,
                sessions: sessions,
                audit: audit,
                transactions: store,
                providers: providers,
                encryption: loginEncryption,
                clock: clock,
                logger: logger
            ),
            authorizationCodes: authorizationCodes,
            signInLinks: signInLinks,
            sessions: sessionService,
            sessionAdministration: SessionAdministration(
                users: users,
                sessions: sessions,
                audit: audit,
                transactions: store,
                clock: clock
            ),
            signingKeys: signingKeys,
            users: UserService(users: users, roles: roles, audit: audit, transactions: store, clock: clock),
            roles: RoleService(
                roles: roles,
                permissions: permissions,
                users: users,
                audit: audit,
                transactions: store,
                clock: clock
            ),
            permissions: PermissionService(
                permissions: permissions,
                users: users,
                audit: audit,
                transactions: store,
                clock: clock
            ),
            apiKeys: keyService,
            audit: AuditService(audit: audit, configuration: configuration.audit, clock: clock, logger: logger),
            idempotency: IdempotencyService(
                replies: idempotentReplies,
                transactions: store,
                secret: try IdempotencySecret(secret.current),
                previousSecret: try secret.previous.map(IdempotencySecret.init),
                clock: clock
            ),
            health: HealthService(
                database: PostgresDatabaseHealth(database: store),
                signingKeys: signingKeys,
                revocations: revocations,
                isSchemaCurrent: { schema.isPassed },
                isDraining: isDraining
            )
        )
        responder = APIResponder(
            services: services,
            publicURL: publicURL,
            limits: RateLimits(
                configuration.rateLimits,
                limiter: try TableRateLimiter(scoreboard)
            ),
            origins: Set(configuration.redirectURLs.map(\.origin)),
            trustedProxies: configuration.server.trustedProxies,
            requestLog: configuration.requestLog,
            clock: clock,
            observer: observer,
            logger: logger
        )
    }

    /// For commands, which do what the API does.
    package var users: UserService { services.users }
    /// For commands.
    package var roles: RoleService { services.roles }
    /// For commands.
    package var permissions: PermissionService { services.permissions }
    /// For commands.
    package var apiKeys: APIKeyService { services.apiKeys }
    /// For commands.
    package var audit: AuditService { services.audit }
}
