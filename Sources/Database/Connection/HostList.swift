// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

/// The hosts that a connection string names, in the order in which libpq tries them.
///
/// libpq begins with the first one each time. When that one hangs, or is a standby, each connection would lose time
/// there; so the pool begins with the one that worked last.
package struct HostList: Sendable {
    private let hosts: [Substring]
    private let addresses: [Substring]
    private let ports: [Substring]

    /// Takes the values of `host`, `hostaddr` and `port`, lists with commas; an empty one stands for none.
    package init(hosts: String, addresses: String, ports: String) {
        self.hosts = Self.items(hosts)
        self.addresses = Self.items(addresses)
        self.ports = Self.items(ports)
    }

    private static func items(_ list: String) -> [Substring] {
        list.isEmpty ? [] : list.split(separator: ",", omittingEmptySubsequences: false)
    }

    /// How many there are: 1 when none is named, for that is the local one.
    package var count: Int { max(1, hosts.count, addresses.count) }

    /// The keywords and values of the same hosts, of which the one at `index` comes first.
    ///
    /// There are none when there is no choice.
    package func keywords(beginningAt index: Int) -> [(keyword: String, value: String)] {
        guard count > 1 else { return [] }
        return [("host", hosts), ("hostaddr", addresses), ("port", ports)].compactMap { keyword, items in
            // A port that is named once is that of every host.
            guard items.count == count else { return nil }
            let start = index % count
            return (keyword, (items[start...] + items[..<start]).joined(separator: ","))
        }
    }
}
