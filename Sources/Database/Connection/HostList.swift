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

    /// Takes the keywords and values of a connection string; what it leaves out is that of libpq's environment.
    ///
    /// A service that the string names has hosts of its own, which libpq alone knows.
    package init(_ named: [String: String], environment: [String: String]) {
        let values = named["service"] == nil ? environment.merging(named) { $1 } : named
        self.init(hosts: values["host"] ?? "", addresses: values["hostaddr"] ?? "", ports: values["port"] ?? "")
    }

    private static func items(_ list: String) -> [Substring] {
        list.isEmpty ? [] : list.split(separator: ",", omittingEmptySubsequences: false)
    }

    /// How many there are: 1 when none is named, for that is the local one.
    package var count: Int { max(1, hosts.count, addresses.count) }

    /// The index of the host that libpq calls so; the first such from `start` on, nil when there is none.
    package func index(host: String, address: String, port: String, from start: Int) -> Int? {
        (start..<start + count).lazy.map { $0 % count }.first { index in
            let named = Self.item(hosts, index)
            let fixed = Self.item(addresses, index)
            let isHost =
                switch (named, fixed) {
                // libpq fills in where the local server has its socket.
                case (nil, nil): host.hasPrefix("/")
                case (let name?, nil): host == name
                case (let name, let fixed?): host == name ?? fixed && address == fixed
                }
            // A port that is named once is that of every host.
            return isHost && (ports.count != count || Self.item(ports, index).map { port == $0 } ?? true)
        }
    }

    private static func item(_ items: [Substring], _ index: Int) -> Substring? {
        items.indices.contains(index) && !items[index].isEmpty ? items[index] : nil
    }

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
