// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Cryptography
import Models
import Services

/// The services of a worker under another secret, on the repositories of an installation.
struct ChangedSecret {
    let usage: APIKeyUsageRecorder
    let authentication: AuthenticationService
    let sessionService: SessionService
    let links: SignInLinkService
    let idempotency: IdempotencyService

    init(of installation: Installation, to secrets: MasterSecrets) async throws {
        let signingKeys = SigningKeyService(
            keys: installation.signingKeyRepository,
            audit: installation.audit,
            transactions: installation.transactions,
            wrappingKey: try secrets.key(for: .signingKeyWrapping),
            previousWrappingKey: try secrets.previousKey(for: .signingKeyWrapping),
            clock: installation.clock,
            logger: Installation.logger
        )
        try await signingKeys.load()
        usage = APIKeyUsageRecorder(apiKeys: installation.apiKeyRepository, logger: Installation.logger)
        authentication = AuthenticationService(
            signingKeys: signingKeys,
            revocations: installation.revocations,
            users: installation.users,
            apiKeys: installation.apiKeyRepository,
            keyFormat: installation.format,
            keyHasher: try APIKeyHasher(
                key: secrets.key(for: .apiKeyHashing),
                previous: secrets.previousKey(for: .apiKeyHashing)
            ),
            usage: usage,
            issuer: installation.publicURL,
            clock: installation.clock
        )
        sessionService = SessionService(
            users: installation.users,
            sessions: installation.sessions,
            audit: installation.audit,
            transactions: installation.transactions,
            signingKeys: signingKeys,
            refreshTokens: try secrets.tokenHasher(for: .refreshTokenHashing),
            issuer: installation.publicURL,
            lifetimes: try TokenConfiguration(Settings(environment: [:])),
            clock: installation.clock,
            logger: Installation.logger
        )
        links = SignInLinkService(
            sessions: installation.sessions,
            sessionService: sessionService,
            hasher: try secrets.tokenHasher(for: .signInLinkHashing),
            publicURL: installation.publicURL,
            clock: installation.clock
        )
        idempotency = IdempotencyService(
            replies: InMemoryIdempotencyRepository(store: installation.store),
            transactions: installation.transactions,
            secret: try IdempotencySecret(secrets.current),
            previousSecret: try secrets.previous.map(IdempotencySecret.init),
            clock: installation.clock
        )
    }
}
