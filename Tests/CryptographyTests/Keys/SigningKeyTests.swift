// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Cryptography
import Testing

@Suite struct SigningKeyTests {
    private let secret: MasterSecret
    private let key: SigningKey

    init() throws {
        secret = try MasterSecret(base64: MasterSecret.generate())
        key = try .generate(at: Forge.now)
    }

    @Test func wrappedKey_isUnwrapped() throws {
        let wrappingKey = try secret.key(for: .signingKeyWrapping)
        let wrapped = try key.wrapped(with: wrappingKey)
        let unwrapped = try SigningKey(unwrapping: wrapped, kid: key.kid, createdAt: Forge.now, with: wrappingKey)
        #expect(unwrapped.privateKey.publicKey == key.privateKey.publicKey)
        #expect(unwrapped.kid == key.kid)
        #expect(unwrapped.createdAt == Forge.now)
        let der = try key.privateKey.derPKCS8()
        #expect(wrapped.count == der.count + 28)
        #expect(!wrapped.indices.contains { wrapped[$0...].starts(with: der[36..<68]) }, "the key in the clear")
    }

    @Test func wrappedKey_underAnotherSecretPurposeOrName_isRefused() throws {
        let wrappingKey = try secret.key(for: .signingKeyWrapping)
        let wrapped = try key.wrapped(with: wrappingKey)
        let other = try MasterSecret(base64: MasterSecret.generate())
        let attempts: [([UInt8], String, DerivedKey)] = [
            (wrapped, key.kid, try other.key(for: .signingKeyWrapping)),
            (wrapped, key.kid, try secret.key(for: .loginState)),
            (wrapped, "another", wrappingKey),
            ([], key.kid, wrappingKey),
            (Array(wrapped.dropLast()), key.kid, wrappingKey),
        ]
        for (bytes, kid, wrappingKey) in attempts {
            let error = #expect(throws: CryptoError.self) {
                try SigningKey(unwrapping: bytes, kid: kid, createdAt: Forge.now, with: wrappingKey)
            }
            #expect(error?.code == .authenticationFailed)
        }
    }

    @Test func wrappedKey_whoseNameIsNotItsOwn_isRefused() throws {
        let wrappingKey = try secret.key(for: .signingKeyWrapping)
        let wrapped = try AESGCM.seal(
            key.privateKey.derPKCS8(),
            key: wrappingKey.bytes.exposed,
            associatedData: Array("chosen".utf8)
        )
        let error = #expect(throws: CryptoError.self) {
            try SigningKey(unwrapping: wrapped, kid: "chosen", createdAt: Forge.now, with: wrappingKey)
        }
        #expect(error?.code == .invalidKey)
    }
}
