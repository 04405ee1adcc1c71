// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Cryptography
import Models
import Services
import Testing

/// The secret is changed while API keys, tokens and links of the one before it are in use.
@Suite struct SecretChangeTests {
    private let installation: Installation
    private let ada: User
    /// A worker in each step of the change: it knows the next secret, it uses it, it knows only that one.
    private let knowing, using, done: ChangedSecret

    init() async throws {
        installation = try Installation()
        ada = try installation.addUser()
        try await installation.signingKeys.load()
        let new = try MasterSecret(base64: MasterSecret.generate())
        let old = installation.secret
        knowing = try await ChangedSecret(of: installation, to: MasterSecrets(current: old, previous: new))
        using = try await ChangedSecret(of: installation, to: MasterSecrets(current: new, previous: old))
        done = try await ChangedSecret(of: installation, to: MasterSecrets(current: new))
    }

    private var repository: InMemoryAPIKeyRepository { installation.apiKeyRepository }

    private func apiKey() async throws -> String {
        try await installation.apiKeys.create(
            NewAPIKey(name: "deploy", grants: Grants(roles: ["user"]), expiresAt: nil),
            by: .principal(try installation.token(of: ada))
        ).secret.exposed
    }

    // API keys

    @Test func apiKey_isAcceptedUnderEitherSecret_andRenewedWhenItWasUsed() async throws {
        let key = try await apiKey()
        #expect(await failure { try await done.authentication.principal(apiKey: key) }?.code == .unauthenticated)

        #expect(try await using.authentication.principal(apiKey: key).userID == ada.id)
        await using.usage.flush()

        #expect(try await done.authentication.principal(apiKey: key).userID == ada.id)
        #expect(repository.stored.count == 1)
        #expect(try await knowing.authentication.principal(apiKey: key).userID == ada.id)
        #expect(await failure { try await installation.authentication.principal(apiKey: key) } != nil)
    }

    @Test func apiKey_thatWasRenewedAlready_costsOneLook() async throws {
        let key = try await apiKey()
        _ = try await using.authentication.principal(apiKey: key)
        await using.usage.flush()
        installation.clock.advance(by: APIKeyLookup.lifetime)
        let before = repository.checks
        _ = try await using.authentication.principal(apiKey: key)
        #expect(repository.checks == before + 1)
    }

    @Test func apiKey_thatIsUnknown_costsOneLookUnlessTheSecretIsBeingChanged() async throws {
        let stranger = try installation.format.generate().text.exposed
        #expect(await failure { try await done.authentication.principal(apiKey: stranger) } != nil)
        #expect(repository.checks == 1)
        #expect(await failure { try await using.authentication.principal(apiKey: stranger) } != nil)
    }

    @Test func apiKey_whenItCannotBeRenewed_isRenewedTheNextTime() async throws {
        let key = try await apiKey()
        _ = try await using.authentication.principal(apiKey: key)
        repository.outage.begin()
        await using.usage.flush()
        repository.outage.end()
        #expect(await failure { try await done.authentication.principal(apiKey: key) } != nil)
        await using.usage.flush()
        _ = try await done.authentication.principal(apiKey: key)
    }

    // Tokens

    @Test func accessToken_staysGood() async throws {
        let pair = try await installation.sessionService.open(for: ada.id, method: "corp", userAgent: nil, address: nil)
        for worker in [knowing, using, done] {
            let principal = try await worker.authentication.principal(accessToken: pair.accessToken.exposed)
            #expect(principal.userID == ada.id)
        }
    }

    @Test func refreshToken_isSwappedUnderEitherSecret_andItsSuccessorBelongsToTheNewOne() async throws {
        let first = try await installation.sessionService.open(
            for: ada.id,
            method: "corp",
            userAgent: nil,
            address: nil
        )
        #expect(await failure { try await refresh(first, with: done) }?.code == .unauthenticated)
        let second = try await refresh(first, with: using)
        let third = try await refresh(second, with: knowing)
        let fourth = try await refresh(third, with: using)
        _ = try await refresh(fourth, with: done)
    }

    @Test func refreshToken_repeatedAtAWorkerUnderTheOtherSecret_givesTheSamePair() async throws {
        let first = try await installation.sessionService.open(
            for: ada.id,
            method: "corp",
            userAgent: nil,
            address: nil
        )
        let second = try await refresh(first, with: using)
        #expect(try await refresh(first, with: knowing).refreshToken.exposed == second.refreshToken.exposed)
    }

    private func refresh(_ pair: TokenPair, with worker: ChangedSecret) async throws(DomainError) -> TokenPair {
        try await worker.sessionService.refresh(pair.refreshToken.exposed, userAgent: nil, address: nil)
    }

    // Links

    @Test func link_worksOnceUnderEitherSecret() async throws {
        let url = try await installation.links.create(for: ada.id).exposed
        let token = String(url.split(separator: "=").last ?? "")
        #expect(
            await failure { try await done.links.signIn(token: token, userAgent: nil, address: nil) }?.code
                == .unauthenticated
        )
        _ = try await using.links.signIn(token: token, userAgent: nil, address: nil)
        #expect(
            await failure { try await knowing.links.signIn(token: token, userAgent: nil, address: nil) }?.code
                == .unauthenticated
        )
    }

    // Requests that are sent again

    @Test func idempotencyKey_usedBeforeTheChange_givesTheSameAnswer() async throws {
        let answers = [
            try await run(installation.idempotency, "first"), try await run(using.idempotency, "second"),
            try await run(knowing.idempotency, "third"), try await run(done.idempotency, "fourth"),
        ]
        #expect(answers == ["first", "first", "first", "first"])
    }

    @Test func idempotencyKey_usedDuringTheChange_givesTheSameAnswerAtEveryWorker() async throws {
        let answers = [
            try await run(knowing.idempotency, "first"), try await run(installation.idempotency, "second"),
            try await run(done.idempotency, "third"), try await run(using.idempotency, "fourth"),
        ]
        #expect(answers == ["first", "first", "first", "first"])
    }

    private func run(_ idempotency: IdempotencyService, _ answer: String) async throws -> String {
        let outcome = try await idempotency.run(
            IdempotencyKey("k"),
            for: installation.token(of: ada),
            request: [1]
        ) { () async throws(DomainError) in Array(answer.utf8) }
        return String(decoding: outcome.reply, as: UTF8.self)
    }
}
