// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

/// A signature algorithm of RFC 7518 section 3.1 that is accepted here.
///
/// There is no `none` and no HS*, so that neither can be switched on by a header or a setting.
package enum JWSAlgorithm: String, CaseIterable, Sendable {
    /// ECDSA with P-256 and SHA-256.
    case es256 = "ES256"
    /// RSASSA-PKCS1-v1_5 with SHA-256.
    case rs256 = "RS256"
    /// RSASSA-PSS with SHA-256.
    case ps256 = "PS256"
}
