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
    private static let nonceSize = 12
    private static let tagSize = 16

    /// Encrypts `plaintext`, and binds it to `associatedData`, which is not in the result.
    ///
    /// - Throws: ``CryptoError`` when the key has another size or OpenSSL fails.
    package static func seal(
        _ plaintext: [UInt8],
        key: [UInt8],
        associatedData: [UInt8]
    ) throws(CryptoError) -> [UInt8] {
        let nonce = try SecureRandom.bytes(nonceSize)
        let object = try newContext(key: key)
        let cipher = try FetchedAlgorithm.aes256GCM.pointer
        let context = object.pointer
        try check(EVP_EncryptInit_ex2(context, cipher, key, nonce, nil), "EVP_EncryptInit_ex2")
        var written: Int32 = 0
        let authenticated = EVP_EncryptUpdate(context, nil, &written, associatedData, try length(associatedData))
        try check(authenticated, "EVP_EncryptUpdate")
        var ciphertext = [UInt8](repeating: 0, count: plaintext.count)
        let encrypted = EVP_EncryptUpdate(context, &ciphertext, &written, plaintext, try length(plaintext))
        try check(encrypted, "EVP_EncryptUpdate")
        var tag = [UInt8](repeating: 0, count: tagSize)
        try check(EVP_EncryptFinal_ex(context, &tag, &written), "EVP_EncryptFinal_ex")
        try check(EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, Int32(tagSize), &tag), "EVP_CIPHER_CTX_ctrl")
        return nonce + ciphertext + tag
    }

    /// Decrypts what ``seal(_:key:associatedData:)`` returned.
    ///
    /// - Throws: ``CryptoError`` with ``CryptoError/Code/authenticationFailed`` when anything differs.
    package static func open(_ sealed: [UInt8], key: [UInt8], associatedData: [UInt8]) throws(CryptoError) -> [UInt8] {
        guard sealed.count >= nonceSize + tagSize else { throw CryptoError(.authenticationFailed, "AES-256-GCM") }
        let nonce = Array(sealed.prefix(nonceSize))
        let ciphertext = Array(sealed.dropFirst(nonceSize).dropLast(tagSize))
        var tag = Array(sealed.suffix(tagSize))

        let object = try newContext(key: key)
        let cipher = try FetchedAlgorithm.aes256GCM.pointer
        let context = object.pointer
        try check(EVP_DecryptInit_ex2(context, cipher, key, nonce, nil), "EVP_DecryptInit_ex2")
        var written: Int32 = 0
        let authenticated = EVP_DecryptUpdate(context, nil, &written, associatedData, try length(associatedData))
        try check(authenticated, "EVP_DecryptUpdate")
        var plaintext = [UInt8](repeating: 0, count: ciphertext.count)
        let decrypted = EVP_DecryptUpdate(context, &plaintext, &written, ciphertext, try length(ciphertext))
        try check(decrypted, "EVP_DecryptUpdate")
        try check(EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, Int32(tagSize), &tag), "EVP_CIPHER_CTX_ctrl")
        // Nothing of the plaintext may leave before this says that all of it is authentic.
        try check(EVP_DecryptFinal_ex(context, &tag, &written), "AES-256-GCM", code: .authenticationFailed)
        return plaintext
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
