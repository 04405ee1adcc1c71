// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

/// The two forms of a P-256 signature: JWS has R‖S, 32 bytes each (RFC 7518 section 3.4); OpenSSL has
/// `SEQUENCE { INTEGER r, INTEGER s }` in DER (RFC 3279 section 2.2.3).
enum ECDSASignature {
    /// Bytes of R‖S.
    static let rawSize = 64

    /// The DER form of R‖S; nil when that has another size.
    ///
    /// The values are OpenSSL's to judge.
    static func der(fromRaw raw: [UInt8]) -> [UInt8]? {
        guard raw.count == rawSize else { return nil }
        var der: [UInt8] = [0x30, 0]
        der.reserveCapacity(72)
        append(raw[..<32], to: &der)
        append(raw[32...], to: &der)
        der[1] = UInt8(der.count - 2)
        return der
    }

    /// The R‖S form of a DER signature; nil when that is no DER signature of a 256-bit curve.
    static func raw(fromDER der: [UInt8]) -> [UInt8]? {
        guard der.count >= 2, der[0] == 0x30, Int(der[1]) == der.count - 2 else { return nil }
        var raw: [UInt8] = []
        raw.reserveCapacity(rawSize)
        var position = 2
        for _ in 0..<2 {
            guard der.count >= position + 2, der[position] == 0x02 else { return nil }
            let start = position + 2
            let end = start + Int(der[position + 1])
            guard end <= der.count else { return nil }
            let number = der[start..<end].drop { $0 == 0 }
            guard number.count <= 32 else { return nil }
            raw.append(contentsOf: repeatElement(0, count: 32 - number.count))
            raw.append(contentsOf: number)
            position = end
        }
        return position == der.count ? raw : nil
    }

    private static func append(_ number: ArraySlice<UInt8>, to der: inout [UInt8]) {
        let digits = number.drop { $0 == 0 }
        // An INTEGER is signed: a leading zero keeps a high bit from making it negative, and stands alone for zero.
        let needsZero = digits.first.map { $0 >= 0x80 } ?? true
        der.append(0x02)
        der.append(UInt8(digits.count + (needsZero ? 1 : 0)))
        if needsZero { der.append(0) }
        der.append(contentsOf: digits)
    }
}
