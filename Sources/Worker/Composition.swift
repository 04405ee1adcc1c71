// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import API
import Core
import Cryptography
import Database
import Logging
import Models
import Outbound
import Providers
import Repositories
import Services

/// Builds every service out of the configuration: the one place that knows which part gets which.
package struct Composition: Sendable {
    package let database: DatabasePool
    package let signingKeys: SigningKeyService
    package let bootstrap: BootstrapService
    let usage: APIKeyUsageRecorder
    let sessions: PostgresSessionRepository
    let services: APIServices
    let responder: APIResponder

    /// - Parameters:
    ///   - configuration: The settings.
    ///   - isDraining: Whether the process is about to stop.
    ///   - logger: The log of all of it.
    /// - Throws: ``ConfigurationError`` when `POSTERN_SECRET` is not good enough or an issuer is no acceptable address;
    ///   ``CryptoError`` when OpenSSL fails.
    package init(
        _ configuration: Configuration,
        isDraining: @escaping @Sendable () -> Bool = { false },
        logger: Logger
    ) throws {
        let clock = SystemClock()
        let secret = try Self.masterSecret(configuration.secret)
        let publicURL = configuration.server.publicURL

        database = DatabasePool(
            configuration: DatabasePoolConfiguration(
                connectionString: configuration.database.url,
                connections: configuration.database.poolSize
            ),
            logger: logger
        )
        let users = PostgresUserRepository(database: database)
        let apiKeys = PostgresAPIKeyRepository(database: database)
        sessions = PostgresSessionRepository(database: database)
        signingKeys = SigningKeyService(
            keys: PostgresSigningKeyRepository(database: database),
            wrappingKey: try secret.key(for: .signingKeyWrapping),
            clock: clock,
            logger: logger
        )
        usage = APIKeyUsageRecorder(apiKeys: apiKeys, logger: logger)

        let keyFormat = APIKeyFormat(prefix: configuration.tokens.apiKeyPrefix)
        let keyHasher = try APIKeyHasher(key: secret.key(for: .apiKeyHashing))
        let sessionService = SessionService(
            users: users,
            sessions: sessions,
            signingKeys: signingKeys,
            refreshTokens: try OpaqueTokenHasher(key: secret.key(for: .refreshTokenHashing)),
            issuer: publicURL,
            lifetimes: configuration.tokens,
            clock: clock
        )
        let signInLinks = SignInLinkService(
            sessions: sessions,
            sessionService: sessionService,
            hasher: try OpaqueTokenHasher(key: secret.key(for: .signInLinkHashing)),
            publicURL: publicURL,
            clock: clock
        )
        let keyService = APIKeyService(
            apiKeys: apiKeys,
            users: users,
            format: keyFormat,
            hasher: keyHasher,
            clock: clock
        )
        bootstrap = BootstrapService(users: users, apiKeys: keyService, links: signInLinks, clock: clock)

        services = APIServices(
            authentication: AuthenticationService(
                signingKeys: signingKeys,
                apiKeys: apiKeys,
                keyFormat: keyFormat,
                keyHasher: keyHasher,
                usage: usage,
                issuer: publicURL,
                clock: clock
            ),
            signIn: SignInService(
                providers: try Self.providers(configuration.providers, clock: clock),
                users: users,
                sessions: sessions,
                sessionService: sessionService,
                encryption: AuthenticatedEncryption(key: try secret.key(for: .loginState)),
                publicURL: publicURL,
                clock: clock
            ),
            signInLinks: signInLinks,
            signingKeys: signingKeys,
            users: UserService(users: users),
            apiKeys: keyService,
            health: HealthService(
                database: PostgresDatabaseHealth(database: database),
                signingKeys: signingKeys,
                isDraining: isDraining
            )
        )
        responder = APIResponder(services: services, publicURL: publicURL, clock: clock, logger: logger)
    }

    /// Checks what only the parts themselves can check, without starting any of them.
    ///
    /// - Throws: as ``init(_:isDraining:logger:)``.
    package static func check(_ configuration: Configuration) throws(ConfigurationError) {
        _ = try masterSecret(configuration.secret)
        _ = try providers(configuration.providers, clock: SystemClock())
    }

    /// The installation's secret, when it is good enough.
    ///
    /// - Throws: ``ConfigurationError`` that names the setting, never its value.
    private static func masterSecret(_ configuration: SecretConfiguration) throws(ConfigurationError) -> MasterSecret {
        do throws(MasterSecretError) {
            return try MasterSecret(base64: configuration.encoded.exposed)
        } catch {
            throw ConfigurationError(configuration.key, "\(error)")
        }
    }

    /// - Throws: ``ConfigurationError`` for an issuer that is no acceptable address.
    private static func providers(
        _ settings: [ProviderSettings],
        clock: any WallClock
    ) throws(ConfigurationError) -> [any IdentityProvider] {
        let client = HTTPClient()
        var providers: [any IdentityProvider] = []
        for settings in settings {
            do throws(OutboundError) {
                providers.append(try OIDCProvider(settings, transport: client, clock: clock))
            } catch {
                throw ConfigurationError(
                    settings.issuerKey,
                    "must be an https URL, or an http URL of this host, without query and fragment"
                )
            }
        }
        return providers
    }
}
