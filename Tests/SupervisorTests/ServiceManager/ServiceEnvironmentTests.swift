// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Supervisor
import Testing

struct ServiceEnvironmentTests {
    private func environment(_ variables: [String: String]) throws(ListenError) -> ServiceEnvironment {
        try ServiceEnvironment(process: 42) { variables[$0] }
    }

    @Test func environment_withoutAServiceManager_isEmpty() throws {
        let environment = try environment([:])
        #expect(environment.notifySocket == nil)
        #expect(environment.watchdog == nil)
        #expect(environment.sockets == ActivatedSockets())
    }

    @Test(arguments: [("/run/systemd/notify", true), ("@abstract", true), ("vsock:2:1", false), ("", false)])
    func notifySocket_isAPathOrAnAbstractName(value: String, isTaken: Bool) throws {
        #expect(try environment(["NOTIFY_SOCKET": value]).notifySocket == (isTaken ? value : nil))
    }

    @Test(
        arguments: [
            ("15000000", nil, Duration.seconds(15)), ("15000000", "42", .seconds(15)), ("15000000", "41", nil),
            ("0", "42", nil), ("soon", "42", nil),
        ] as [(String, String?, Duration?)]
    )
    func watchdog_isForTheProcessThatIsNamed(time: String, process: String?, expected: Duration?) throws {
        var variables = ["WATCHDOG_USEC": time]
        variables["WATCHDOG_PID"] = process
        #expect(try environment(variables).watchdog == expected)
    }

    @Test(
        arguments: [
            ("1", nil, Int32(3), Int32?.none), ("1", "postern.socket", 3, nil), ("1", "postern-admin", nil, 3),
            ("2", "postern:postern-admin", 3, 4), ("2", "postern-admin:postern", 4, 3), ("0", nil, nil, nil),
            ("-1", nil, nil, nil), ("x", nil, nil, nil),
        ] as [(String, String?, Int32?, Int32?)]
    )
    func sockets_areToldApartByTheirNames(count: String, names: String?, listener: Int32?, admin: Int32?) throws {
        var variables = ["LISTEN_PID": "42", "LISTEN_FDS": count]
        variables["LISTEN_FDNAMES"] = names
        let sockets = try environment(variables).sockets
        #expect(sockets.listener == listener)
        #expect(sockets.adminListener == admin)
    }

    @Test(arguments: ["41", nil])
    func sockets_ofAnotherProcess_areNotTaken(process: String?) throws {
        var variables = ["LISTEN_FDS": "1"]
        variables["LISTEN_PID"] = process
        #expect(try environment(variables).sockets == ActivatedSockets())
    }

    @Test(arguments: ["postern:postern", "postern-admin:postern-admin", ""])
    func sockets_ofWhichTwoAreAlike_areRefused(names: String) {
        #expect(throws: ListenError.self) {
            try environment(["LISTEN_PID": "42", "LISTEN_FDS": "2", "LISTEN_FDNAMES": names])
        }
    }
}
