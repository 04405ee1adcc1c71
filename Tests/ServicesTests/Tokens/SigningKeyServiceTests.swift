// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Cryptography
import Models
import Services
import Testing

@Suite struct SigningKeyServiceTests {
    private let installation: Installation

    init() throws {
        installation = try Installation()
    }

    private var keys: SigningKeyService { installation.signingKeys }
    private var repository: InMemorySigningKeyRepository { installation.signingKeyRepository }

    /// The service of another worker, on the same database.
    private func otherWorker(secret: MasterSecret? = nil) throws -> SigningKeyService {
        SigningKeyService(
            keys: repository,
            audit: installation.audit,
            transactions: installation.transactions,
            wrappingKey: try (secret ?? installation.secret).key(for: .signingKeyWrapping),
            clock: installation.clock,
            logger: Installation.logger
        )
    }

    /// A key that is stored already, active from `offset` after now.
    private func store(
        activeAfter offset: Duration,
        retiredAfter retirement: Duration? = nil
    ) throws -> SigningKeyRecord {
        let now = installation.clock.now()
        let key = try SigningKey.generate(at: now)
        let record = SigningKeyRecord(
            kid: key.kid,
            wrappedPrivateKey: try key.wrapped(with: installation.secret.key(for: .signingKeyWrapping)),
            createdAt: now,
            activatesAt: now + offset,
            retiredAt: retirement.map { now + $0 }
        )
        repository.put(record)
        return record
    }

    private func kids(of jwks: [UInt8]) throws -> Set<String> {
        Set(try JSONValue(parsing: jwks)["keys"]?.array?.compactMap { $0["kid"]?.string } ?? [])
    }

    @Test func current_beforeTheFirstLoad_isUnavailable() async {
        #expect(await failure { try keys.current() }?.code == .unavailable)
        #expect(await failure { try keys.jwks() }?.code == .unavailable)
    }

    @Test func load_whenThereIsNoKey_makesExactlyOne() async throws {
        try await keys.load()
        try await keys.load()
        let other = try otherWorker()
        try await other.load()

        let record = try #require(repository.records.first)
        #expect(repository.records.count == 1)
        #expect(try keys.current().signingKey.kid == record.kid)
        #expect(try other.current().signingKey.kid == record.kid)
        #expect(record.activatesAt == installation.clock.now())
        #expect(record.retiredAt == nil)
    }

    @Test func load_whenAnotherWorkerIsFaster_takesTheOthersKey() async throws {
        let elsewhere = try Installation()
        let key = try SigningKey.generate(at: elsewhere.clock.now())
        let record = SigningKeyRecord(
            kid: key.kid,
            wrappedPrivateKey: try key.wrapped(with: installation.secret.key(for: .signingKeyWrapping)),
            createdAt: key.createdAt,
            activatesAt: key.createdAt,
            retiredAt: nil
        )
        repository.beforeNextInsert { [repository] in repository.put(record) }
        try await keys.load()

        #expect(repository.records == [record])
        #expect(try keys.current().signingKey.kid == key.kid)
    }

    @Test(arguments: [nil, Duration.zero])
    func load_underAnotherSecret_saysSoAndMakesNoKey(retiredAfter: Duration?) async throws {
        let record = try store(activeAfter: .zero, retiredAfter: retiredAfter)
        let stranger = try otherWorker(secret: MasterSecret(base64: MasterSecret.generate()))

        let error = await #expect(throws: WrongSecretError.self) { try await stranger.load() }
        #expect(error?.kid == record.kid)
        #expect(error?.description == "the signing key \(record.kid) in the database belongs to another POSTERN_SECRET")
        #expect(repository.records == [record])
        #expect(await failure { try stranger.current() }?.code == .unavailable)
    }

    @Test func load_whenEveryKeyIsRetired_makesOneAndStillAcceptsTheOld() async throws {
        let retired = try store(activeAfter: .seconds(-100), retiredAfter: .seconds(-1))
        try await keys.load()
        let ring = try keys.current()
        #expect(repository.records.count == 2)
        #expect(ring.signingKey.kid != retired.kid)
        #expect(ring.publicKey(retired.kid) != nil)
    }

    @Test func load_signsWithTheNewestActiveKeyAndAcceptsAll() async throws {
        let newer = try store(activeAfter: .seconds(-1))
        let older = try store(activeAfter: .seconds(-2))
        let next = try store(activeAfter: .seconds(1))
        try await keys.load()

        let ring = try keys.current()
        #expect(ring.signingKey.kid == newer.kid)
        #expect(try kids(of: keys.jwks()) == [older.kid, newer.kid, next.kid])

        installation.clock.advance(by: .seconds(1))
        try await keys.load()
        #expect(try keys.current().signingKey.kid == next.kid)
    }

    @Test func load_whenNoKeyIsActiveYet_isUnavailable() async throws {
        _ = try store(activeAfter: .seconds(1))
        #expect(await failure { try await keys.load() }?.code == .unavailable)
        #expect(repository.records.count == 1)
    }

    @Test func load_whenTheDatabaseIsDown_keepsTheKeys() async throws {
        try await keys.load()
        let kid = try keys.current().signingKey.kid
        repository.outage.begin()
        #expect(await failure { try await keys.load() }?.code == .unavailable)
        #expect(try keys.current().signingKey.kid == kid)
    }

    @Test func jwks_holdsNoPrivateMember() async throws {
        try await keys.load()
        let key = try #require(try JSONValue(parsing: keys.jwks())["keys"]?.array?.first?.object)
        #expect(Set(key.keys) == ["kty", "crv", "x", "y", "kid", "use", "alg"])
    }
}
