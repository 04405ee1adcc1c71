// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

/// The secret of an installation, and while it is being changed a second one, whose keys count as well.
///
/// What is made belongs to ``current``; what belongs to ``previous`` is found and opened, and made anew when it is used.
package struct MasterSecrets: Sendable {
    package let current: MasterSecret
    package let previous: MasterSecret?

    package init(current: MasterSecret, previous: MasterSecret? = nil) {
        self.current = current
        self.previous = previous
    }

    /// The key for `purpose` of the current secret.
    package func key(for purpose: DerivedKey.Purpose) throws(CryptoError) -> DerivedKey {
        try current.key(for: purpose)
    }

    /// The key for `purpose` of the previous secret; nil unless the secret is being changed.
    package func previousKey(for purpose: DerivedKey.Purpose) throws(CryptoError) -> DerivedKey? {
        try previous?.key(for: purpose)
    }

    /// A hasher of opaque tokens for `purpose`, which knows the hashes of both secrets.
    package func tokenHasher(for purpose: DerivedKey.Purpose) throws(CryptoError) -> OpaqueTokenHasher {
        try OpaqueTokenHasher(key: key(for: purpose), previous: previousKey(for: purpose))
    }

    /// Encryption for `purpose`, which opens what was sealed under either secret.
    package func encryption(for purpose: DerivedKey.Purpose) throws(CryptoError) -> AuthenticatedEncryption {
        AuthenticatedEncryption(key: try key(for: purpose), previous: try previousKey(for: purpose))
    }
}
