// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import CCrypto

/// AES-256-GCM (NIST SP 800-38D) with a random nonce, which stands before the ciphertext: nonce (12 bytes), ciphertext,
/// tag (16 bytes).
///
/// With random nonces one key may seal 2³² messages (SP 800-38D section 8.3): a hundred a second for over a year.
package enum AESGCM {
    /// Bytes of a key.
    package static let keySize = 32
    static let nonceSize = 12
    static let tagSize = 16

    /// Encrypts `plaintext`, and binds it to `associatedData`, which is not in the result.
    ///
    /// - Throws: ``CryptoError`` when the key has another size or OpenSSL fails.
    package static func seal(
        _ plaintext: [UInt8],
        key: [UInt8],
        associatedData: [UInt8]
    ) throws(CryptoError) -> [UInt8] {
        try seal(plaintext, key: key, nonce: SecureRandom.bytes(nonceSize), associatedData: associatedData)
    }

    /// Decrypts what ``seal(_:key:associatedData:)`` returned.
    ///
    /// - Throws: ``CryptoError`` with ``CryptoError/Code/authenticationFailed`` when anything differs.
    package static func open(_ sealed: [UInt8], key: [UInt8], associatedData: [UInt8]) throws(CryptoError) -> [UInt8] {
        let size = sealed.count - nonceSize - tagSize
        guard size >= 0 else { throw CryptoError(.authenticationFailed, "AES-256-GCM") }
        let nonce = Array(sealed[..<nonceSize])
        let ciphertext = Array(sealed[nonceSize..<nonceSize + size])
        var tag = Array(sealed[(nonceSize + size)...])

        let context = try newContext(key: key)
        let cipher = try FetchedAlgorithm.aes256GCM.pointer
        try check(EVP_DecryptInit_ex2(context.pointer, cipher, key, nonce, nil), "EVP_DecryptInit_ex2")
        var written: Int32 = 0
        try check(
            EVP_DecryptUpdate(context.pointer, nil, &written, associatedData, try length(associatedData)),
            "EVP_DecryptUpdate"
        )
        var plaintext = [UInt8](repeating: 0, count: size)
        try check(
            EVP_DecryptUpdate(context.pointer, &plaintext, &written, ciphertext, try length(ciphertext)),
            "EVP_DecryptUpdate"
        )
        try check(
            EVP_CIPHER_CTX_ctrl(context.pointer, EVP_CTRL_AEAD_SET_TAG, Int32(tagSize), &tag),
            "EVP_CIPHER_CTX_ctrl"
        )
        var rest = [UInt8](repeating: 0, count: tagSize)
        try check(
            EVP_DecryptFinal_ex(context.pointer, &rest, &written),
            "AES-256-GCM",
            code: .authenticationFailed
        )
        return plaintext
    }

    /// Sealing with a chosen nonce, for test vectors: a nonce must never be used twice with one key.
    static func seal(
        _ plaintext: [UInt8],
        key: [UInt8],
        nonce: [UInt8],
        associatedData: [UInt8]
    ) throws(CryptoError) -> [UInt8] {
        guard nonce.count == nonceSize else { throw CryptoError(.operationFailed, "AES-256-GCM nonce") }
        let context = try newContext(key: key)
        let cipher = try FetchedAlgorithm.aes256GCM.pointer
        try check(EVP_EncryptInit_ex2(context.pointer, cipher, key, nonce, nil), "EVP_EncryptInit_ex2")
        var written: Int32 = 0
        try check(
            EVP_EncryptUpdate(context.pointer, nil, &written, associatedData, try length(associatedData)),
            "EVP_EncryptUpdate"
        )
        var ciphertext = [UInt8](repeating: 0, count: plaintext.count)
        try check(
            EVP_EncryptUpdate(context.pointer, &ciphertext, &written, plaintext, try length(plaintext)),
            "EVP_EncryptUpdate"
        )
        var rest = [UInt8](repeating: 0, count: tagSize)
        try check(EVP_EncryptFinal_ex(context.pointer, &rest, &written), "EVP_EncryptFinal_ex")
        var tag = [UInt8](repeating: 0, count: tagSize)
        try check(
            EVP_CIPHER_CTX_ctrl(context.pointer, EVP_CTRL_AEAD_GET_TAG, Int32(tagSize), &tag),
            "EVP_CIPHER_CTX_ctrl"
        )
        return nonce + ciphertext + tag
    }

    private static func newContext(key: [UInt8]) throws(CryptoError) -> OpenSSLObject {
        // OpenSSL would read 32 bytes whatever the size of the array.
        guard key.count == keySize else { throw CryptoError(.invalidKey, "AES-256-GCM key") }
        return try OpenSSLObject(EVP_CIPHER_CTX_new(), "EVP_CIPHER_CTX_new", free: EVP_CIPHER_CTX_free)
    }

    private static func length(_ bytes: [UInt8]) throws(CryptoError) -> Int32 {
        guard let length = Int32(exactly: bytes.count) else { throw CryptoError(.operationFailed, "AES-256-GCM size") }
        return length
    }
}
