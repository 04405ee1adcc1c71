// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Testing

@Suite struct ControlMessageTests {
    @Test(arguments: [
        ControlMessage.ready(isDegraded: false), .ready(isDegraded: true), .drained, .drain(deadline: .zero),
        .drain(deadline: .seconds(25)), .drain(deadline: .milliseconds(Int64(UInt32.max) + 1)), .reopenLogs,
    ])
    func init_whenGivenTheBytesOfAMessage_isThatMessage(message: ControlMessage) {
        #expect(message.bytes.count == ControlMessage.size)
        #expect(ControlMessage(bytes: message.bytes) == message)
    }

    @Test func bytes_ofADrain_areKindThenLittleEndianMilliseconds() {
        let bytes = ControlMessage.drain(deadline: .milliseconds(0x0102)).bytes
        #expect(bytes.prefix(10) == [3, 0, 0, 0, 0, 0, 0, 0, 0x02, 0x01])
        #expect(bytes.dropFirst(10).allSatisfy { $0 == 0 })
    }

    @Test(arguments: [0, 1, ControlMessage.size - 1, ControlMessage.size + 1])
    func init_whenSizeIsWrong_isNil(size: Int) {
        #expect(ControlMessage(bytes: [UInt8](repeating: 1, count: size)) == nil)
    }

    @Test(arguments: [UInt8(0), 5, 255])
    func init_whenKindIsUnknown_isNil(kind: UInt8) {
        #expect(ControlMessage(bytes: [kind] + [UInt8](repeating: 0, count: ControlMessage.size - 1)) == nil)
    }
}
