// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core

/// Reads the registered claims of RFC 7519 section 4.1 that both kinds of token have.
struct ClaimReader {
    /// How far the clocks of two hosts may differ.
    static let leeway = Duration.seconds(30)
    /// The last second of the year 9999: a later instant is no date, and its microseconds would not fit.
    private static let latest: Int64 = 253_402_300_799

    let claims: [String: JSONValue]
    /// Whether dates may have fractions of a second, which are dropped: RFC 7519 allows them, and some issuers write them.
    let acceptsFractions: Bool

    /// Reads the payload of a JWT, which is a JSON object (RFC 7519 section 7.2).
    init(payload: [UInt8], acceptsFractions: Bool = false) throws(TokenError) {
        guard let claims = (try? JSONValue(parsing: payload))?.object else {
            throw TokenError(.malformed, "the payload is not a JSON object")
        }
        self.claims = claims
        self.acceptsFractions = acceptsFractions
    }

    /// The text of a claim that must be there.
    func text(_ name: String) throws(TokenError) -> String {
        guard let text = claims[name]?.string, !text.isEmpty else { throw TokenError(.claims, "\(name) is missing") }
        return text
    }

    /// An array of texts that must be there.
    func texts(_ name: String) throws(TokenError) -> [String] {
        guard let elements = claims[name]?.array else { throw TokenError(.claims, "\(name) is missing") }
        let texts = elements.compactMap(\.string)
        guard texts.count == elements.count else { throw TokenError(.claims, "\(name) is not a list of texts") }
        return texts
    }

    /// A boolean; false when it is absent.
    func flag(_ name: String) throws(TokenError) -> Bool {
        guard let claim = claims[name] else { return false }
        guard let flag = claim.bool else { throw TokenError(.claims, "\(name) is no boolean") }
        return flag
    }

    /// A NumericDate that must be there.
    func instant(_ name: String) throws(TokenError) -> Timestamp {
        switch claims[name] {
        case .integer(let seconds) where (0...Self.latest).contains(seconds):
            return Timestamp(seconds: seconds)
        case .number(let seconds) where acceptsFractions && (0...Double(Self.latest)).contains(seconds):
            return Timestamp(seconds: Int64(seconds))
        default:
            throw TokenError(.claims, "\(name) is missing or no date")
        }
    }

    /// The audiences: a text or a list of texts.
    func audiences() throws(TokenError) -> [String] {
        if let audience = claims["aud"]?.string { return [audience] }
        return try texts("aud")
    }

    func requireIssuer(_ issuer: String) throws(TokenError) {
        guard try text("iss").hasSameBytes(as: issuer) else { throw TokenError(.claims, "iss is another issuer") }
    }

    /// Refuses a token that is not valid yet, by `iat` or by `nbf`, which may be absent.
    func requireStarted(at now: Timestamp) throws(TokenError) {
        var starts = [try instant("iat")]
        if claims["nbf"] != nil { starts.append(try instant("nbf")) }
        guard starts.allSatisfy({ $0 <= now + Self.leeway }) else { throw TokenError(.notYetValid, "not valid yet") }
    }

    static func requireLiving(until expiry: Timestamp, at now: Timestamp) throws(TokenError) {
        guard now < expiry + leeway else { throw TokenError(.expired, "expired") }
    }
}

extension String {
    /// Whether both have the same bytes, as other systems compare identifiers: `==` takes K and the Kelvin sign, being
    /// canonically equivalent, for the same.
    func hasSameBytes(as other: String) -> Bool {
        utf8.elementsEqual(other.utf8)
    }
}
