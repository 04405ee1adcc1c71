// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Cryptography
import Testing

@Suite struct MasterSecretsTests {
    private let old: MasterSecrets
    /// After the change, while it lasts.
    private let overlapping: MasterSecrets
    /// After it.
    private let new: MasterSecrets

    init() throws {
        let first = try MasterSecret(base64: MasterSecret.generate())
        let second = try MasterSecret(base64: MasterSecret.generate())
        old = MasterSecrets(current: first)
        overlapping = MasterSecrets(current: second, previous: first)
        new = MasterSecrets(current: second)
    }

    @Test(arguments: DerivedKey.Purpose.allCases)
    func key_isThatOfTheCurrentSecret(purpose: DerivedKey.Purpose) throws {
        #expect(try overlapping.key(for: purpose).bytes.exposed == new.key(for: purpose).bytes.exposed)
        #expect(try overlapping.previousKey(for: purpose)?.bytes.exposed == old.key(for: purpose).bytes.exposed)
        #expect(try new.previousKey(for: purpose)?.bytes.exposed == nil)
    }

    @Test func tokenHasher_knowsBothHashes_theCurrentOneFirst() throws {
        let token = try OpaqueToken.generate()
        let before = try old.tokenHasher(for: .refreshTokenHashing).hash(token)
        let after = try new.tokenHasher(for: .refreshTokenHashing).hash(token)
        let hasher = try overlapping.tokenHasher(for: .refreshTokenHashing)
        #expect(try hasher.hashes(token) == [after, before])
        #expect(try hasher.hash(token) == after)
        #expect(try new.tokenHasher(for: .refreshTokenHashing).hashes(token) == [after])
    }

    @Test func apiKeyHasher_knowsThePreviousHashOnlyWhileItCounts() throws {
        func hasher(_ secrets: MasterSecrets) throws -> APIKeyHasher {
            try APIKeyHasher(
                key: secrets.key(for: .apiKeyHashing),
                previous: secrets.previousKey(for: .apiKeyHashing)
            )
        }
        let key = try APIKeyFormat(prefix: "pst").generate()
        #expect(try hasher(overlapping).hash(key) == hasher(new).hash(key))
        #expect(try hasher(overlapping).previousHash(key) == hasher(old).hash(key))
        #expect(try hasher(new).previousHash(key) == nil)
    }

    @Test func encryption_opensWhatEitherSecretSealed_andSealsWithTheCurrentOne() throws {
        let before = try old.encryption(for: .loginState).seal([1, 2, 3], associatedData: "cookie")
        let encryption = try overlapping.encryption(for: .loginState)
        #expect(try encryption.open(before, associatedData: "cookie") == [1, 2, 3])
        let after = try encryption.seal([4], associatedData: "cookie")
        #expect(try new.encryption(for: .loginState).open(after, associatedData: "cookie") == [4])
        #expect(throws: CryptoError.self) {
            try new.encryption(for: .loginState).open(before, associatedData: "cookie")
        }
        #expect(throws: CryptoError.self) { try encryption.open(before, associatedData: "another") }
    }
}
