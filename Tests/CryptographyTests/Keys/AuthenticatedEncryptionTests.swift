// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Cryptography
import Testing

@Suite struct AuthenticatedEncryptionTests {
    private let secret: MasterSecret
    private let encryption: AuthenticatedEncryption

    init() throws {
        secret = try MasterSecret(base64: MasterSecret.generate())
        encryption = AuthenticatedEncryption(key: try secret.key(for: .loginState))
    }

    @Test(arguments: ["", "state", String(repeating: "x", count: 3000)])
    func sealedText_isOpened(plaintext: String) throws {
        let sealed = try encryption.seal(Array(plaintext.utf8), associatedData: "cookie")
        #expect(Base64URL.decode(sealed) != nil)
        #expect(try encryption.open(sealed, associatedData: "cookie") == Array(plaintext.utf8))
    }

    @Test func sealedText_changedOrUsedElsewhere_isRefused() throws {
        let sealed = try encryption.seal(Array("state".utf8), associatedData: "cookie")
        let other = AuthenticatedEncryption(key: try secret.key(for: .refreshTokenHashing))
        let attempts = [
            (encryption, sealed, "another cookie"), (other, sealed, "cookie"), (encryption, sealed + "A", "cookie"),
            (encryption, sealed + "=", "cookie"), (encryption, "", "cookie"), (encryption, "ü", "cookie"),
            (encryption, String(sealed.dropLast(4)), "cookie"), (encryption, String(sealed.dropFirst(4)), "cookie"),
        ]
        for (encryption, text, data) in attempts {
            let error = #expect(throws: CryptoError.self) { try encryption.open(text, associatedData: data) }
            #expect(error?.code == .authenticationFailed)
        }
    }
}
