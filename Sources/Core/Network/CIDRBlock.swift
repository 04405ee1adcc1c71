// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

/// All addresses with the same first bits (RFC 4632 section 3.1): `10.0.0.0/8`, `2001:db8::/32`.
package struct CIDRBlock: Hashable, Sendable, CustomStringConvertible {
    /// Why a text is no block.
    package enum ParseError: Error {
        /// It is no address, or an address and something else than a prefix length.
        case notABlock
        /// Bits behind the prefix are set, so that it is open which of the two was meant.
        case hostBitsSet
    }

    /// The first address.
    package let network: IPAddress
    /// Bits that all addresses have in common.
    package let length: Int

    /// The block that `text` writes; an address alone is the block of itself.
    ///
    /// - Throws: ``ParseError``.
    package init(_ text: some StringProtocol) throws(ParseError) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let address = IPAddress(parts[0]) else { throw .notABlock }
        guard parts.count == 2 else {
            self.init(around: address, length: address.family.width)
            return
        }
        // The length counts the bits of the form that is written, also when that is IPv4 within IPv6.
        let isMapped = address.family == .ipv4 && parts[0].utf8.contains(UInt8(ascii: ":"))
        let offset = isMapped ? IPAddress.Family.ipv6.width - address.family.width : 0
        guard let length = Self.number(parts[1]), length <= address.family.width + offset else { throw .notABlock }
        guard length >= offset else { throw .hostBitsSet }
        self.init(around: address, length: length - offset)
        guard network == address else { throw .hostBitsSet }
    }

    /// The block of `length` bits in which `address` is.
    init(around address: IPAddress, length: Int) {
        self.length = max(0, min(length, address.family.width))
        self.network = IPAddress(address.family, bits: address.bits & ~Self.hostBits(address.family, self.length))
    }

    /// Whether `address` is one of them; an address of the other family never is.
    package func contains(_ address: IPAddress) -> Bool {
        address.family == network.family && address.bits & ~Self.hostBits(address.family, length) == network.bits
    }

    package var description: String { "\(network)/\(length)" }

    /// The bits behind the first `length`; a shift by all 128 gives none.
    private static func hostBits(_ family: IPAddress.Family, _ length: Int) -> UInt128 {
        UInt128.max >> UInt128(UInt128.bitWidth - family.width + length)
    }

    /// Digits without a leading zero.
    private static func number(_ text: some StringProtocol) -> Int? {
        guard
            (1...3).contains(text.utf8.count), text.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            text == "0" || !text.hasPrefix("0")
        else { return nil }
        return Int(text)
    }
}
