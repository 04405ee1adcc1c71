// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Testing
import Worker

@Suite struct AcceptGateTests {
    @Test func waitForRoom_whenTooManyAreUnregistered_isFalseUntilOneRegisters() {
        let gate = AcceptGate(maximumUnregistered: 2, maximumConnections: 100)
        gate.accepted()
        #expect(gate.waitForRoom(atMost: .zero))
        gate.accepted()
        #expect(!gate.waitForRoom(atMost: .zero))
        gate.registered()
        #expect(gate.waitForRoom(atMost: .zero))
    }

    @Test func waitForRoom_whenTooManyAreOpen_isFalseUntilOneCloses() {
        let gate = AcceptGate(maximumUnregistered: 100, maximumConnections: 2)
        for _ in 0..<2 {
            gate.accepted()
            gate.registered()
        }
        #expect(!gate.waitForRoom(atMost: .zero))
        gate.closed()
        #expect(gate.waitForRoom(atMost: .zero))
    }

    @Test(.timeLimit(.minutes(1))) func waitForRoom_whileItWaits_isWokenByARegistration() throws {
        let gate = AcceptGate(maximumUnregistered: 1, maximumConnections: 100)
        gate.accepted()
        try PlainThread.start(named: "test") { gate.registered() }
        #expect(gate.waitForRoom(atMost: .seconds(3600)))
    }
}
