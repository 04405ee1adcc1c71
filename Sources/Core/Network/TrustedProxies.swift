// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

/// The proxies in front of the service whose word about the client counts.
///
/// Setting: `POSTERN_TRUSTED_PROXIES`, with commas.
package struct TrustedProxies: Sendable {
    /// Nobody is trusted.
    package static let none = TrustedProxies(blocks: [], includesUnixPeers: false)

    private let blocks: [CIDRBlock]
    /// Whether whoever connects to a socket file is one.
    private let includesUnixPeers: Bool

    private init(blocks: [CIDRBlock], includesUnixPeers: Bool) {
        self.blocks = blocks
        self.includesUnixPeers = includesUnixPeers
    }

    /// The proxies in the settings.
    ///
    /// - Throws: ``ConfigurationError`` for an entry that is neither a block nor `unix`, and for a block of everything: with
    ///   that, any client could claim to be any other.
    package init(_ settings: Settings) throws(ConfigurationError) {
        let key = SettingKey.trustedProxies
        var blocks: [CIDRBlock] = []
        var includesUnixPeers = false
        let entries = settings.text(key)?.split(separator: ",", omittingEmptySubsequences: false) ?? []
        for entry in entries {
            let entry = entry.filter { $0 != " " }
            if entry == "unix" {
                includesUnixPeers = true
                continue
            }
            do throws(CIDRBlock.ParseError) {
                blocks.append(try CIDRBlock(entry))
            } catch {
                switch error {
                case .notABlock:
                    throw ConfigurationError(
                        key,
                        "must be addresses or CIDR blocks such as 10.0.0.0/8, or unix, with commas between them"
                    )
                case .hostBitsSet:
                    throw ConfigurationError(
                        key,
                        "has a CIDR block with bits set behind its prefix length: write the first address of the block"
                    )
                }
            }
        }
        guard blocks.allSatisfy({ $0.length > 0 }) else {
            throw ConfigurationError(key, "must not hold every address: any client could claim to be any other")
        }
        self.init(blocks: blocks, includesUnixPeers: includesUnixPeers)
    }

    /// Whether the word of `peer` counts; nil is one without an address, at the other end of a socket file.
    package func contains(_ peer: IPAddress?) -> Bool {
        guard let peer else { return includesUnixPeers }
        return blocks.contains { $0.contains(peer) }
    }

    /// The address of the client.
    ///
    /// Each proxy adds, on the right, whom it got the request from. So the list is read from the right, as far as those
    /// who wrote it are trusted: what stands further left, the client itself may have written.
    ///
    /// - Parameters:
    ///   - peer: The other end of the connection; nil when it has no address.
    ///   - forwardedFor: The values of the header fields `X-Forwarded-For`, in their order.
    /// - Returns: The peer unless it is a trusted proxy; else the right-most address that is none. An entry that is no
    ///   address ends the search, and the one before it counts.
    package func client(of peer: IPAddress?, forwardedFor: [String]) -> IPAddress? {
        guard contains(peer) else { return peer }
        var client = peer
        for value in forwardedFor.reversed() {
            for entry in value.split(separator: ",", omittingEmptySubsequences: false).reversed() {
                guard let address = Self.address(of: entry) else { return client }
                client = address
                guard contains(address) else { return client }
            }
        }
        return client
    }

    /// `192.0.2.1`, `192.0.2.1:443`, `2001:db8::1`, `[2001:db8::1]`, `[2001:db8::1]:443`, with spaces around it.
    private static func address(of entry: Substring) -> IPAddress? {
        var text = entry.drop { $0 == " " || $0 == "\t" }
        while let last = text.last, last == " " || last == "\t" { text.removeLast() }
        if text.hasPrefix("[") {
            guard let end = text.firstIndex(of: "]") else { return nil }
            let rest = text[text.index(after: end)...]
            guard rest.isEmpty || rest.hasPrefix(":") && isPort(rest.dropFirst()) else { return nil }
            let address = IPAddress(text[text.index(after: text.startIndex)..<end])
            return text[..<end].contains(":") ? address : nil
        }
        let parts = text.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 2 else { return IPAddress(text) }
        return isPort(parts[1]) ? IPAddress(parts[0]) : nil
    }

    private static func isPort(_ text: Substring) -> Bool {
        text.utf8.allSatisfy { (0x30...0x39).contains($0) } && UInt16(text) != nil
    }
}
