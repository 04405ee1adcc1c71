// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Database
import Testing

import struct FoundationEssentials.UUID

@Suite struct TextDecodableTests {
    private func decode<Value: TextDecodable>(_ text: String, as: Value.Type = Value.self) -> Value? {
        Value.decode(text: text.utf8.span)
    }

    @Test func scalars_areRead() {
        let uuid = UUID()
        #expect(decode("Grüße") == "Grüße")
        #expect(decode("-9223372036854775808") == Int64.min)
        #expect(decode("42") == 42)
        #expect(decode("t") == true)
        #expect(decode("f") == false)
        #expect(decode(uuid.lowercased) == uuid)
        #expect(decode("1970-01-01 02:00:01.5+02") == Timestamp(microseconds: 1_500_000))
        #expect(decode(#"\x00ff7f"#) == [UInt8]([0, 255, 127]))
        #expect(decode("{1,2}") == [1, 2])
    }

    @Test func anythingElse_isRefused() {
        #expect(decode("", as: Int.self) == nil)
        #expect(decode("1.5", as: Int.self) == nil)
        #expect(decode("9223372036854775808", as: Int64.self) == nil)
        #expect(decode("true", as: Bool.self) == nil)
        #expect(decode("00000000-0000-0000-0000-00000000000g", as: UUID.self) == nil)
        #expect(decode("000000000-000-0000-0000-000000000000", as: UUID.self) == nil)
        #expect(decode("00000000-0000-0000-0000-0000000000000", as: UUID.self) == nil)
        #expect(decode("infinity", as: Timestamp.self) == nil)
        #expect(decode("00ff", as: [UInt8].self) == nil)
        #expect(decode("{1,NULL}", as: [Int].self) == nil)
    }
}
