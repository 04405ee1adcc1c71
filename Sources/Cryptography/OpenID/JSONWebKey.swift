// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core

/// A public key of a foreign issuer that may check signatures (RFC 7517 section 4).
struct JSONWebKey: Sendable {
    private enum Material {
        case ec(ES256PublicKey)
        case rsa(RSAPublicKey)
    }

    /// The key's name; an issuer with one key may leave it out.
    let kid: String?
    /// What the key may be used with: the one algorithm that the issuer names, or else those of its type.
    let algorithms: Set<JWSAlgorithm>

    private let material: Material

    /// Reads one member of `keys`; nil for a key that is not for us: another type, curve, size or algorithm, or not for
    /// signatures.
    ///
    /// RFC 7517 section 5 wants such keys ignored, so that an issuer can add new kinds.
    init?(parsing json: JSONValue) {
        guard Self.isForVerifying(json), let material = Self.material(of: json) else { return nil }
        let possible: Set<JWSAlgorithm> =
            switch material {
            case .ec: [.es256]
            case .rsa: [.rs256, .ps256]
            }
        if let name = json["alg"] {
            guard let algorithm = name.string.flatMap(JWSAlgorithm.init), possible.contains(algorithm) else {
                return nil
            }
            self.algorithms = [algorithm]
        } else {
            self.algorithms = possible
        }
        if let kid = json["kid"] {
            guard let kid = kid.string else { return nil }
            self.kid = kid
        } else {
            self.kid = nil
        }
        self.material = material
    }

    func isValid(signature: [UInt8], for message: [UInt8], algorithm: JWSAlgorithm) -> Bool {
        guard algorithms.contains(algorithm) else { return false }
        return switch material {
        case .ec(let key): key.isValid(signature: signature, for: message)
        case .rsa(let key): key.isValid(signature: signature, for: message, algorithm: algorithm)
        }
    }

    private static func isForVerifying(_ json: JSONValue) -> Bool {
        if let use = json["use"], use.string != "sig" { return false }
        if let operations = json["key_ops"], operations.array?.contains(.string("verify")) != true { return false }
        return true
    }

    private static func material(of json: JSONValue) -> Material? {
        func bytes(_ name: String) -> [UInt8]? { json[name]?.string.flatMap { Base64URL.decode($0) } }
        switch json["kty"]?.string {
        case "EC" where json["crv"]?.string == "P-256":
            guard let x = bytes("x"), let y = bytes("y") else { return nil }
            return (try? ES256PublicKey(x: x, y: y)).map(Material.ec)
        case "RSA":
            guard let modulus = bytes("n"), let exponent = bytes("e") else { return nil }
            return (try? RSAPublicKey(modulus: modulus, exponent: exponent)).map(Material.rsa)
        default:
            return nil
        }
    }
}
