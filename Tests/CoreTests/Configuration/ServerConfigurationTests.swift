// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Testing

@Suite struct ServerConfigurationTests {
    private func server(_ environment: [String: String], cores: Int = 4) throws -> ServerConfiguration {
        try ServerConfiguration(Settings(environment: environment), cores: cores)
    }

    @Test func defaults_areALoopbackPortAndAWorkerForEachCore() throws {
        let server = try server([:])
        #expect(server.listen == .tcp(host: "127.0.0.1", port: 8080))
        #expect(server.workers == 4)
        #expect(server.publicURL.text == "http://127.0.0.1:8080")
        #expect(server.maximumConnections == 10_000)
        #expect(server.requestTimeout == .seconds(15))
    }

    @Test(arguments: [(0, 1), (1, 1), (512, 512), (1000, 512)])
    func workers_ofAnOddMachine_areKeptWithinBounds(cores: Int, workers: Int) throws {
        #expect(try server([:], cores: cores).workers == workers)
    }

    @Test func adminListen_isALoopbackPortUnlessItIsOff() throws {
        #expect(try server([:]).adminListen == .tcp(host: "127.0.0.1", port: 9464))
        #expect(try server(["POSTERN_ADMIN_LISTEN": "127.0.0.1:1"]).adminListen == .tcp(host: "127.0.0.1", port: 1))
        #expect(try server(["POSTERN_ADMIN_LISTEN": "off"]).adminListen == nil)
    }

    @Test func settings_replaceTheDefaults() throws {
        let server = try server([
            "POSTERN_LISTEN": "0.0.0.0:80", "POSTERN_WORKERS": "2", "POSTERN_PUBLIC_URL": "https://id.example.com",
            "POSTERN_MAX_CONNECTIONS": "50", "POSTERN_REQUEST_TIMEOUT": "3s",
        ])
        #expect(server.listen == .tcp(host: "0.0.0.0", port: 80))
        #expect(server.workers == 2)
        #expect(server.maximumConnections == 50)
        #expect(server.requestTimeout == .seconds(3))
        #expect(server.publicURL.text == "https://id.example.com")
    }

    @Test(arguments: ["0.0.0.0:80", "id.example.com:80", "[::]:80", "unix:/run/postern.sock"])
    func publicURL_whenTheWorldCannotBeGuessed_mustBeSet(listen: String) {
        #expect(refusal { try server(["POSTERN_LISTEN": listen]) }?.hasPrefix("POSTERN_PUBLIC_URL must be set") == true)
    }

    @Test(arguments: [
        (["POSTERN_LISTEN": "hunter2"], "POSTERN_LISTEN must be host:port or unix:/path"),
        (["POSTERN_MAX_CONNECTIONS": "0"], "POSTERN_MAX_CONNECTIONS must be a whole number from 1 to 1000000"),
        (["POSTERN_ADMIN_LISTEN": "on"], "POSTERN_ADMIN_LISTEN must be host:port, unix:/path or off"),
        (["POSTERN_WORKERS": "0"], "POSTERN_WORKERS must be a whole number from 1 to 512"),
    ])
    func init_whenASettingIsWrong_namesItWithoutItsValue(environment: [String: String], message: String) {
        #expect(refusal { try server(environment) } == message)
    }
}
