// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Glibc
import Logging
import Testing

@Suite struct LineLogHandlerTests {
    /// PIPE_BUF of Linux: longer writes of several processes mix.
    private static let maximumLength = 4096

    /// What `log` writes: to a socket of datagrams, so that one element is one write.
    private func writes(_ format: LogFormat, level: Logger.Level = .trace, _ log: (Logger) -> Void) throws -> [[UInt8]]
    {
        var ends: [Int32] = [0, 0]
        try #require(socketpair(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0, &ends) == 0)
        defer { for end in ends { close(end) } }
        let descriptor = ends[1]
        log(Logger(label: "test") { _ in LineLogHandler(level: level, format: format, descriptor: descriptor) })

        var writes: [[UInt8]] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while case let count = recv(ends[0], &buffer, buffer.count, Int32(MSG_DONTWAIT)), count > 0 {
            writes.append(Array(buffer.prefix(count)))
        }
        return writes
    }

    private func line(_ format: LogFormat, _ message: String, _ metadata: Logger.Metadata = [:]) throws -> [UInt8] {
        let writes = try writes(format) { $0.info("\(message)", metadata: metadata) }
        try #require(writes.count == 1, "a line is one write")
        return writes[0]
    }

    private static let accents = Dictionary(
        uniqueKeysWithValues: (0..<10).map {
            ("key\($0)", Logger.MetadataValue.string(String(repeating: "\u{E9}", count: 500)))
        }
    )

    /// Messages and metadata as an attacker or an accident would make them.
    static let hostile: [(message: String, metadata: Logger.Metadata)] = [
        ("plain", [:]),
        ("line\nfeed\r\n\u{85}\u{2028}", ["key\n": "value\n{\"msg\":\"forged\"}\n"]),
        (String(repeating: "\u{0}", count: 1000), ["a": "\(String(repeating: "\u{1B}", count: 1000))"]),
        (String(repeating: "\"\\", count: 5000), ["a": "\(String(repeating: "\"", count: 10_000))"]),
        (String(repeating: "é", count: 5000), ["a": "\(String(repeating: "\u{1F600}", count: 5000))"]),
        // One Character of 20,001 bytes.
        ("e" + String(repeating: "\u{301}", count: 10_000), ["a": "e\(String(repeating: "\u{301}", count: 10_000))"]),
        (
            "keys",
            Dictionary(uniqueKeysWithValues: (0..<100).map { ("key\($0)", "\(String(repeating: "v", count: 500))") })
        ),
        // One of the two has a character across the last byte of a line.
        ("odd", accents), ("even", accents),
        ("long key", [String(repeating: "k", count: 10_000): "v"]),
        ("own names", ["ts": "x", "level": "x", "msg": "x", "omitted": "x"]),
        ("nested", ["a": ["b": [["c": "\n"]]]]),
    ]

    @Test(arguments: hostile.indices)
    func json_whateverIsLogged_isOneLineOfValidJSONThatAPipeKeepsWhole(index: Int) throws {
        let (message, metadata) = Self.hostile[index]
        let line = try line(.json, message, metadata)
        #expect(line.count <= Self.maximumLength)
        #expect(line.last == 0x0A)
        #expect(line.count { $0 < 0x20 || $0 == 0x7F } == 1)
        // The parser refuses repeated names too.
        let parsed = try JSONValue(parsing: line)
        #expect(parsed["level"] == "info")
        #expect(parsed["ts"]?.string.flatMap { Timestamp(rfc3339: $0) } != nil)
        #expect(parsed["msg"]?.string?.isEmpty == false)
    }

    @Test(arguments: hostile.indices)
    func text_whateverIsLogged_isOneLineOfPrintableUTF8(index: Int) throws {
        let (message, metadata) = Self.hostile[index]
        let line = try line(.text, message, metadata)
        #expect(line.count <= Self.maximumLength)
        #expect(line.last == 0x0A)
        let text = try #require(String(validating: line.dropLast(), as: UTF8.self))
        #expect(!text.unicodeScalars.contains { $0.properties.generalCategory == .control })
    }

    @Test func json_ofAnEvent_holdsItsParts() throws {
        struct Failure: Error, CustomStringConvertible {
            let description = "it broke"
        }
        let writes = try writes(.json) { logger in
            var logger = logger
            logger[metadataKey: "request_id"] = "r1"
            logger[metadataKey: "worker"] = "1"
            logger.warning("slow", error: Failure(), metadata: ["worker": "2"])
        }
        let parsed = try JSONValue(parsing: try #require(writes.first))
        #expect(parsed.object?.count == 6)
        #expect(parsed["level"] == "warning")
        #expect(parsed["msg"] == "slow")
        #expect(parsed["request_id"] == "r1")
        #expect(parsed["worker"] == "2")
        #expect(parsed["error"] == "it broke")
    }

    @Test func json_ofAShortEvent_leavesNothingOut() throws {
        let value = String(repeating: "v", count: 1024)
        let parsed = try JSONValue(parsing: try line(.json, "m", ["a": "\(value)", "b": "\(value)"]))
        #expect(parsed["a"] == .string(value))
        #expect(parsed["b"] == .string(value))
        #expect(parsed["omitted"] == nil)
    }

    @Test func json_whenMetadataDoesNotFit_countsWhatIsLeftOut() throws {
        let metadata = (0..<100).map { ("key\($0)", Logger.MetadataValue.string(String(repeating: "v", count: 500))) }
        let parsed = try JSONValue(parsing: try line(.json, "m", Dictionary(uniqueKeysWithValues: metadata)))
        let members = try #require(parsed.object)
        let omitted = try #require(parsed["omitted"]?.integer)
        #expect(members.keys.count { $0.hasPrefix("key") } + Int(omitted) == 100)
        #expect(members.keys.contains("key0"))
    }

    @Test func json_whenAValueIsTooLong_isCutAndMarked() throws {
        let parsed = try JSONValue(parsing: try line(.json, "m", ["a": "\(String(repeating: "v", count: 10_000))"]))
        #expect(parsed["a"] == .string(String(repeating: "v", count: 1024) + "…"))
    }

    @Test func json_ofFields_keepsTheirOrder_andAddsTheHandlersMetadataUnderOtherNames() throws {
        let writes = try writes(.json) { logger in
            var logger = logger
            logger[metadataKey: "a"] = "metadata"
            logger[metadataKey: "pid"] = "7"
            logger[metadataKey: "ts"] = "x"
            var fields = LogFields()
            fields.append("b", "1")
            fields.append("a", "2")
            LineLogger(logger).log(.warning, "request", fields)
        }
        let line = try #require(writes.first)
        #expect(String(decoding: line, as: UTF8.self).contains(#""msg":"request","b":"1","a":"2","#))
        let parsed = try JSONValue(parsing: line)
        #expect(parsed["pid"] == "7" && parsed["ts_"] == "x")
    }

    @Test func text_ofAnEvent_isForPeople() throws {
        let line = String(decoding: try line(.text, "started", ["port": "8080", "a": "b\tc"]), as: UTF8.self)
        #expect(line.dropFirst(12) == " info     started a=b\\u{9}c port=8080\n")
    }

    @Test func logging_belowTheLevel_writesNothing() throws {
        #expect(try writes(.json, level: .notice) { $0.info("quiet") }.isEmpty)
    }

    @Test func logging_eachEvent_isOneWrite() throws {
        let writes = try writes(.json) { logger in
            for number in 0..<5 { logger.info("\(number)") }
        }
        #expect(try writes.map { try JSONValue(parsing: $0)["msg"]?.string } == (0..<5).map { "\($0)" })
    }
}
