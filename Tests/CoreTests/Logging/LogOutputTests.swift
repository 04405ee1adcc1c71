// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Glibc
import Logging
import Testing

// Serialized, since all lines of the process are counted together.
@Suite(.serialized) struct LogOutputTests {
    @Test func log_whenTheDeviceIsFull_losesTheLineAndCountsIt() throws {
        let full = open("/dev/full", O_WRONLY)
        try #require(full >= 0)
        defer { close(full) }
        _ = LogOutput.takeDroppedLines()
        let logger = Logger(label: "test") { _ in LineLogHandler(level: .info, format: .json, descriptor: full) }
        logger.info("lost")
        logger.debug("not of interest")
        logger.info("lost, too")
        #expect(LogOutput.takeDroppedLines() == 2)
        #expect(LogOutput.takeDroppedLines() == 0)
    }

    @Test func write_whenThePipeTakesAPart_countsTheLine() throws {
        // A socket that does not wait takes what there is room for.
        var ends: [Int32] = [0, 0]
        try #require(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue), 0, &ends) == 0)
        defer { for end in ends { close(end) } }
        _ = LogOutput.takeDroppedLines()
        LogOutput.write(Array("whole\n".utf8), to: ends[1])
        #expect(LogOutput.takeDroppedLines() == 0)
        LogOutput.write(Array(repeating: 0x20, count: 16 << 20), to: ends[1])
        #expect(LogOutput.takeDroppedLines() == 1)
    }

    @Test func lines_thatWait_areWrittenTogetherWholeAndBeforeALaterOne() throws {
        var ends: [Int32] = [0, 0]
        try #require(socketpair(AF_UNIX, Int32(SOCK_SEQPACKET.rawValue | SOCK_NONBLOCK.rawValue), 0, &ends) == 0)
        defer { for end in ends { close(end) } }
        func received() -> Int {
            var bytes = [UInt8](repeating: 0, count: 8192)
            return recv(ends[0], &bytes, bytes.count, 0)
        }
        let line = Array(repeating: UInt8(ascii: "a"), count: 1500)
        LogOutput.gather()
        for _ in 0..<3 { LogOutput.writeSoon(line, to: ends[1]) }
        #expect(received() == 3000, "a third would have made it longer than what is never mixed")
        #expect(received() < 0)
        LogOutput.write([UInt8(ascii: "b")], to: ends[1])
        #expect(received() == 1500)
        #expect(received() == 1)
        LogOutput.flush()
        #expect(received() < 0)
    }
}
