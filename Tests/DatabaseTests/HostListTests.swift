// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Database
import Testing

@Suite struct HostListTests {
    private func keywords(_ list: HostList, _ index: Int) -> [String] {
        list.keywords(beginningAt: index).map { "\($0.keyword)=\($0.value)" }
    }

    @Test func list_beginsWithTheWantedHost_andKeepsTheOrder() {
        let list = HostList(hosts: "a,b,c", addresses: "1,2,3", ports: "5,6,7")
        #expect(list.count == 3)
        #expect(keywords(list, 0) == ["host=a,b,c", "hostaddr=1,2,3", "port=5,6,7"])
        #expect(keywords(list, 2) == ["host=c,a,b", "hostaddr=3,1,2", "port=7,5,6"])
        #expect(keywords(list, 4) == ["host=b,c,a", "hostaddr=2,3,1", "port=6,7,5"])
    }

    @Test func list_leavesAPortThatIsThatOfAll() {
        #expect(keywords(HostList(hosts: "a,b", addresses: "", ports: "5433"), 1) == ["host=b,a"])
    }

    @Test func list_mayConsistOfAddressesAlone() {
        let list = HostList(hosts: "", addresses: "1,2", ports: "")
        #expect(list.count == 2)
        #expect(keywords(list, 1) == ["hostaddr=2,1"])
    }

    @Test func list_keepsAnEmptyHost_whichIsTheLocalOne() {
        #expect(keywords(HostList(hosts: "a,", addresses: "", ports: ""), 1) == ["host=,a"])
    }

    @Test func list_findsTheHostThatLibpqNames() {
        let list = HostList(hosts: "a,b,c", addresses: "", ports: "5,6,7")
        #expect(list.index(host: "a", address: "", port: "5", from: 0) == 0)
        #expect(list.index(host: "c", address: "::1", port: "7", from: 0) == 2, "two were passed over")
        #expect(list.index(host: "a", address: "", port: "5", from: 2) == 0)
        #expect(list.index(host: "a", address: "", port: "6", from: 0) == nil)
    }

    @Test func list_findsHostsOfOneName_byPortOrAddress_elseTheNext() {
        let ports = HostList(hosts: "a,a,a", addresses: "", ports: "5,6,7")
        #expect(ports.index(host: "a", address: "", port: "7", from: 1) == 2)
        let addresses = HostList(hosts: "a,a,", addresses: "1,2,3", ports: "5")
        #expect(addresses.index(host: "a", address: "2", port: "5", from: 0) == 1)
        #expect(addresses.index(host: "3", address: "3", port: "5", from: 0) == 2)
        let same = HostList(hosts: "a,a,a", addresses: "", ports: "")
        #expect(same.index(host: "a", address: "", port: "5432", from: 2) == 2)
        #expect(same.index(host: "a", address: "", port: "5432", from: 3) == 0)
    }

    @Test func list_findsTheLocalHost_thatLibpqFillsIn() {
        let list = HostList(hosts: "a,", addresses: "", ports: "5432,")
        #expect(list.index(host: "/var/run/postgresql", address: "", port: "5432", from: 0) == 1)
        #expect(list.index(host: "b", address: "", port: "5432", from: 0) == nil)
    }

    @Test func list_takesFromTheEnvironmentWhatTheStringLeavesOut() {
        let environment = ["host": "a,b", "port": "5,6", "dbname": "x"]
        let list = HostList([:], environment: environment)
        #expect(list.count == 2)
        #expect(keywords(list, 1) == ["host=b,a", "port=6,5"])
        #expect(HostList(["host": "c"], environment: environment).count == 1)
        #expect(HostList(["service": "s"], environment: environment).count == 1)
        #expect(HostList(["service": "s", "host": "c,d"], environment: environment).count == 2)
    }

    @Test(arguments: ["", "a", "/run/postgresql"]) func list_ofOneHost_leavesTheStringAlone(host: String) {
        let list = HostList(hosts: host, addresses: "", ports: "5432")
        #expect(list.count == 1)
        #expect(keywords(list, 3) == [])
    }
}
