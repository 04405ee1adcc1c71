// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Cryptography
import Models
import Services
import Testing

@Suite struct SigningKeyRotationTests {
    private let installation: Installation
    private let other: SigningKeyService

    init() throws {
        installation = try Installation()
        other = try Self.service(installation, wrappingKey: installation.secret.key(for: .signingKeyWrapping))
    }

    private var keys: SigningKeyService { installation.signingKeys }
    private var repository: InMemorySigningKeyRepository { installation.signingKeyRepository }

    private static func service(
        _ installation: Installation,
        wrappingKey: DerivedKey,
        previous: DerivedKey? = nil
    ) -> SigningKeyService {
        SigningKeyService(
            keys: installation.signingKeyRepository,
            audit: installation.audit,
            transactions: installation.transactions,
            wrappingKey: wrappingKey,
            previousWrappingKey: previous,
            clock: installation.clock,
            logger: Installation.logger
        )
    }

    private func load(after duration: Duration = .zero) async throws {
        installation.clock.advance(by: duration)
        try await keys.load()
        try await other.load()
    }

    private func signing() throws -> String {
        let kid = try keys.current().signingKey.kid
        #expect(try other.current().signingKey.kid == kid)
        return kid
    }

    private func isAccepted(_ kid: String) throws -> Bool {
        let isAccepted = try keys.current().publicKey(kid) != nil
        #expect(try (other.current().publicKey(kid) != nil) == isAccepted)
        return isAccepted
    }

    @Test func load_throughAWholeRotation_changesTheKeysByTimeAlone() async throws {
        try await load()
        let first = try signing()

        try await load(after: .seconds(90 * 86_400 - 3600))
        #expect(repository.records.count == 2)
        let second = try #require(repository.records.last?.kid)
        #expect(try signing() == first)
        #expect(try isAccepted(second))

        try await load(after: .seconds(3599))
        #expect(try signing() == first)
        try await load(after: .seconds(1))
        #expect(try signing() == second)

        try await load(after: .seconds(86_400 + 899))
        #expect(try isAccepted(first))
        try await load(after: .seconds(1))
        #expect(try !isAccepted(first))
        #expect(repository.records.map(\.kid) == [second])
    }

    @Test func load_afterAYearAway_stillPublishesBeforeItSigns() async throws {
        try await load()
        let first = try signing()
        try await load(after: .seconds(366 * 86_400))
        #expect(try signing() == first)
        #expect(repository.records.count == 2)
        try await load(after: .seconds(3600))
        #expect(try signing() != first)
    }

    @Test func load_whenAnotherWorkerPublishesMeanwhile_takesTheOthersKey() async throws {
        try await load()
        let first = try signing()
        installation.clock.advance(by: .seconds(90 * 86_400))
        let rival = try SigningKey.generate(at: installation.clock.now())
        let record = SigningKeyRecord(
            kid: rival.kid,
            wrappedPrivateKey: try rival.wrapped(with: installation.secret.key(for: .signingKeyWrapping)),
            createdAt: installation.clock.now(),
            activatesAt: installation.clock.now() + .seconds(3600),
            retiredAt: nil
        )
        repository.beforeNextInsert { [repository] in _ = try? repository.insertSuccessor(record, of: first) }
        try await load()
        #expect(repository.records.map(\.kid) == [first, rival.kid])
        #expect(try isAccepted(rival.kid))
    }

    @Test func beginRotation_publishesTheNextKey_andOnlyOne() async throws {
        try await load()
        let first = try signing()
        #expect(try await keys.beginRotation().map(\.stage) == [.signing, .published])
        #expect(try await other.beginRotation().map(\.stage) == [.signing, .published])
        try await load()
        #expect(try signing() == first)
        try await load(after: .seconds(3600))
        #expect(try signing() != first)
        #expect(try isAccepted(first))
    }

    @Test func replaceAll_refusesEveryOtherKeyAtOnce() async throws {
        try await load()
        let first = try signing()
        let next = try #require(await keys.beginRotation().last?.record.kid)

        let left = try await keys.replaceAll()

        #expect(left.map(\.stage) == [.signing])
        try await other.load()
        #expect(try signing() == left.first?.record.kid)
        #expect(try !isAccepted(first))
        #expect(try !isAccepted(next))
    }

    @Test func replaceAll_whenAnotherKeyIsMadeMeanwhile_removesThatToo() async throws {
        try await load()
        let first = try signing()
        let rival = try SigningKeyRecord(
            kid: "rival",
            wrappedPrivateKey: SigningKey.generate(at: installation.clock.now())
                .wrapped(with: installation.secret.key(for: .signingKeyWrapping)),
            createdAt: installation.clock.now(),
            activatesAt: installation.clock.now() + .seconds(3600),
            retiredAt: nil
        )
        repository.beforeNextInsert { [repository] in _ = try? repository.insertSuccessor(rival, of: first) }
        #expect(try await keys.replaceAll().map(\.stage) == [.signing])
        #expect(repository.records.map(\.kid) == [try keys.current().signingKey.kid])
    }

    @Test func load_underANewSecretWithThePreviousOne_keepsTheKeyAndWrapsItAnew() async throws {
        try await load()
        let kid = try signing()
        let before = try #require(repository.records.first?.wrappedPrivateKey)
        let old = try installation.secret.key(for: .signingKeyWrapping)
        let new = try MasterSecret(base64: MasterSecret.generate()).key(for: .signingKeyWrapping)

        let renewed = Self.service(installation, wrappingKey: new, previous: old)
        try await renewed.load()

        #expect(try renewed.current().signingKey.kid == kid)
        #expect(repository.records.map(\.kid) == [kid])
        #expect(repository.records.first?.wrappedPrivateKey != before)
        try await Self.service(installation, wrappingKey: new).load()
        // A worker that still signs under the old one, and knows the new one, reads it as well.
        try await Self.service(installation, wrappingKey: old, previous: new).load()
    }

    @Test func load_underTwoWrongSecrets_isRefusedAndChangesNothing() async throws {
        try await load()
        let before = repository.records
        let wrong = try MasterSecret(base64: MasterSecret.generate()).key(for: .signingKeyWrapping)
        let stranger = Self.service(installation, wrappingKey: wrong, previous: wrong)
        await #expect(throws: WrongSecretError.self) { try await stranger.load() }
        #expect(repository.records == before)
    }
}
