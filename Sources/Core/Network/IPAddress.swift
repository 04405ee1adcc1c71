// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// An IPv4 or IPv6 address.
///
/// An IPv4 address that is written or received as an IPv6 one (`::ffff:192.0.2.1`, RFC 4291 section 2.5.5.2) is the IPv4
/// address: a listener of both families names its IPv4 peers so, and one client must not be two.
package struct IPAddress: Hashable, Sendable, CustomStringConvertible {
    /// The version of the protocol, which says how long an address is.
    package enum Family: Hashable, Sendable {
        case ipv4
        case ipv6

        /// Bits of an address.
        package var width: Int { self == .ipv4 ? 32 : 128 }
    }

    package let family: Family
    /// The address as a number, in the lowest ``Family/width`` bits.
    package let bits: UInt128

    private static let mappedPrefix: UInt128 = 0xFFFF << 32

    /// The address with these bits.
    init(_ family: Family, bits: UInt128) {
        let isMapped = family == .ipv6 && bits >> 32 == 0xFFFF
        self.family = isMapped ? .ipv4 : family
        self.bits = isMapped ? bits - Self.mappedPrefix : bits
    }

    /// The address of these bytes in the order of the network; nil unless they are 4 or 16.
    package init?(networkBytes bytes: some Collection<UInt8>) {
        let bits = bytes.reduce(UInt128(0)) { $0 << 8 | UInt128($1) }
        switch bytes.count {
        case 4: self.init(.ipv4, bits: bits)
        case 16: self.init(.ipv6, bits: bits)
        default: return nil
        }
    }

    /// The address that `text` writes: four decimal numbers without leading zeros, or a form of RFC 4291 section 2.2.
    ///
    /// Nil for anything else: octal and shortened IPv4, zones, brackets, ports, spaces.
    package init?(_ text: some StringProtocol) {
        // C would read up to the zero and overlook the rest.
        guard (2...45).contains(text.utf8.count), !text.utf8.contains(0) else { return nil }
        if text.utf8.contains(UInt8(ascii: ":")) {
            var address = in6_addr()
            guard String(text).withCString({ inet_pton(AF_INET6, $0, &address) }) == 1 else { return nil }
            self.init(networkBytes: withUnsafeBytes(of: address) { Array($0) })
        } else {
            var address = in_addr()
            guard String(text).withCString({ inet_pton(AF_INET, $0, &address) }) == 1 else { return nil }
            self.init(.ipv4, bits: UInt128(UInt32(bigEndian: address.s_addr)))
        }
    }

    /// The canonical text (RFC 5952).
    package var description: String {
        switch family {
        case .ipv4: dottedDecimal
        case .ipv6:
            withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(INET6_ADDRSTRLEN)) { buffer in
                var address = bits.bigEndian
                // It cannot fail: the family is known and the buffer is long enough.
                _ = inet_ntop(AF_INET6, &address, buffer.baseAddress, socklen_t(buffer.count))
                return buffer.baseAddress.map { String(cString: $0) } ?? ""
            }
        }
    }

    /// Every line of the log has one, and the C library prints numbers slowly.
    private var dottedDecimal: String {
        String(unsafeUninitializedCapacity: 15) { text in
            var count = 0
            for shift in stride(from: 24, through: 0, by: -8) {
                let number = UInt8(truncatingIfNeeded: bits >> shift)
                if shift < 24 { text.append(UInt8(ascii: "."), at: &count) }
                if number >= 100 { text.append(UInt8(ascii: "0") + number / 100, at: &count) }
                if number >= 10 { text.append(UInt8(ascii: "0") + number / 10 % 10, at: &count) }
                text.append(UInt8(ascii: "0") + number % 10, at: &count)
            }
            return count
        }
    }

    /// The block of the first `length` bits, for what counts a network as one: /64 is what one IPv6 customer has.
    ///
    /// A length that is too long gives the whole address.
    package func prefix(_ length: Int) -> CIDRBlock {
        CIDRBlock(around: self, length: length)
    }
}

extension UnsafeMutableBufferPointer<UInt8> {
    fileprivate func append(_ byte: UInt8, at count: inout Int) {
        self[count] = byte
        count += 1
    }
}
